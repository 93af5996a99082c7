"""The files that go to the province and the banks, and those that come back: their form, their
seals, the two roads. Entered by the worker, the commands and the start-up."""
