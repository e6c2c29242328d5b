"""Tests of the assignment of reviewers, without a database."""
