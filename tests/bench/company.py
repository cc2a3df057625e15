"""Figures over a whole company of systems: one emergency, and a thousand
people at once. Starts and ends its own parts through tests/site.py."""
import importlib.util
import os
import statistics
import time
from datetime import datetime

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location(
    "offboard_site", os.path.join(HERE, "..", "site.py"))
s = importlib.util.module_from_spec(spec)
spec.loader.exec_module(s)

CONTAINED = ("doors", "data", "files", "directory")
ALL = CONTAINED + ("compliance",)
NAMES = {"doorflow": "doors", "acceldata": "data", "fastio": "files",
         "scim": "directory", "vanta": "compliance"}


def people(n):
    rows = [dict(s.staff("p%04d.x" % i, {"groups": ["All staff"]},
                         {"groups": ["Analysts"], "keys": 2}),
                 fastio={"member": ["All hands"]}, scim={},
                 vanta={"employment": "FORMER"}) for i in range(n)]
    return rows + [dict(s.staff("it.admin", {}, {"operator": True}),
                        fastio={"operator": True, "owns": ["All hands"]},
                        scim={}, vanta={"acknowledger": True})]


def ms(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() \
        * 1000


def emergency_ms(site, who, systems):
    site.write_conf(offboard=["brake = 100000"], systems=systems,
                    compliance=("rate = 100000",))
    case = site.start(who + s.DOMAIN, "--emergency").json
    return ms(case["contained_at"]) - ms(case["requested_at"])


def emergency(rounds=5):
    """(together, {system: alone}) medians in ms, 50 ms latency each."""
    form = s.company(people(60), fillers=0, sync_limit_ms=1,
                     sync_time_ms=100)
    with s.Site(form, systems=ALL, args=["--latency", "50"]) as site:
        who = ("p%04d.x" % i for i in range(60))
        # In turn, so that the machine's moods meet all alike.
        took = {key: [] for key in (ALL,) + tuple((x,) for x in CONTAINED)}
        for _ in range(rounds):
            for key in took:
                took[key].append(emergency_ms(site, next(who), key))
        middle = {k: statistics.median(v) for k, v in took.items()}
        return middle.pop(ALL), {k[0]: v for k, v in middle.items()}


def peak_kib(pid):
    with open("/proc/%d/status" % pid) as f:
        return next(int(line.split()[1]) for line in f
                    if line.startswith("VmHWM"))


def bulk(n=1000, rate=1200, seconds=60):
    """({system: share of its rate}, peak RSS of the worker in KiB)."""
    form = s.company(people(n), fillers=0, sync_limit_ms=3000,
                     sync_time_ms=200)
    keys = ("rate = %d" % rate,)
    with s.Site(form, systems=ALL, offboard=["brake = 1000000"],
                args=["--latency", "20"], doors=keys, data=keys, files=keys,
                compliance=keys, directory=keys) as site:
        with open(site.path("people.csv"), "w") as f:
            f.write("email\n" + "".join(
                "p%04d.x%s\n" % (i, s.DOMAIN) for i in range(n)))
        ran = site.run("import", site.path("people.csv"), timeout=120)
        if ran.status != 0:
            raise RuntimeError("the import: %r" % ran)
        site.forget()
        worker = site.worker()
        time.sleep(seconds)
        peak = peak_kib(worker.pid)
        at = {}
        for r in site.requests():
            at.setdefault(r["system"], []).append(r["at_ms"])
        return {NAMES[k]: len(v) / (max(v) - min(v)) * 60000 / rate
                for k, v in at.items() if len(v) > 1}, peak
