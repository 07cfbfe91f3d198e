"""The core in its sandbox: the engine's functions over text, one instance for each client.

``crossing`` is one call into the component, ``compiled`` the component ready to run, ``instance`` one living instance,
``sandbox`` what outlives an instance that died.
"""
