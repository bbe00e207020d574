"""Webhooks: other programs are told of the ends of jobs.

signing     who may be told, and how what they are told is signed
delivering  each delivery is sent until it is taken, or given up
"""
