"""Schedules: what starts processes by the clock, kept by Temporal."""

from starter.schedules.client import Schedules

__all__ = ["Schedules"]
