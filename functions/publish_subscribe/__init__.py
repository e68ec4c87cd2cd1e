"""Publish-Subscribe: say once what happened; whoever cares reacts."""
