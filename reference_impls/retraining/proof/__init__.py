"""What the smoke run proves, and the sample that it proves it on."""
