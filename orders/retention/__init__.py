"""How long a person is kept: when that is reviewed, what is held, what somebody decides. No timer erases anything."""
