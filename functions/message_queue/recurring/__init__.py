"""Recurring tasks: who declares them, when they are due, and what each tick makes."""
