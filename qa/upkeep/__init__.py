"""What a server does to its store by itself, every so often.

erasing    calls that are kept no longer go, and what was erased leaves every file
retention  the policy in words, and the clock that it goes by
periodic   something done again and again in a thread
"""
