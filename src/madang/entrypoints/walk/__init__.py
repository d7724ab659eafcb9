"""Every service driven to its outcome by synthetic residents, through the doors that residents use."""
