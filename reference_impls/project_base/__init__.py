"""What every project needs: command line, configuration, errors, safe writing and the smoke run."""
