"""What is known about other people's hardware: which models there are, how they speak, how they are set up.

`catalogue` holds rows, `dialects` pure pieces of vendor protocols that more than one side needs,
`emulators` stand-ins that behave like the real things, `provisioning` the field install. The edge imports
from here; nothing here knows the edge.
"""
