# main.py (pod): it plays from power on.
import pod

pod.run()
