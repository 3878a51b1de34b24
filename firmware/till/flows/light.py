# light.py: it grew dark or bright around the terminal: the screen follows.
async def run(till, session):
    till.dark = session.trigger.name == "dark"
    till.dim()
