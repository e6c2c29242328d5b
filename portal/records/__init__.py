"""The record of who did what: readable by the auditor without text, and verifiable by anyone with the database."""
