"""What everything stands on: errors, files, identities, parameters, settings, workers, devices."""
