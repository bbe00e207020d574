"""The queue of calls that wait to be scored, worked through by the process that owns the store.

dispatcher  takes jobs from the store's queue, has them scored, writes down how they end
workers     processes that transcribe
processes   what all processes of the server are like: limited, standing back, replaced
events      what becomes of jobs, told to whoever listens
"""
