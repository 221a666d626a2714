"""What has happened, as it is written and read: recordings, facts and what they come to."""
