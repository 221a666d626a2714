"""The writers by hand: what people of the register record, put right, merge and keep."""
