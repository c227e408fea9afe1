"""Rooms of a project: each folder is one component with its settings, modules and tests."""
