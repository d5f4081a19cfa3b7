"""What the program carries with it: lists, words, fonts, icons, help.

Installed as `returnee_desk.resources`; read it with `importlib.resources.files("returnee_desk.resources")`.
"""
