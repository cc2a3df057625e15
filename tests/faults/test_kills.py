#!/usr/bin/env python3
"""kill -9 at every durable write of a whole offboarding, one after the other:
each time a new worker must bring it to its end, and nothing may be lost, told
wrongly, or done to anybody else."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
import importlib.util
spec = importlib.util.spec_from_file_location(
    "offboard_site", os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                  "..", "site.py"))
s = importlib.util.module_from_spec(spec)
spec.loader.exec_module(s)

# In make test every EVERY-th write; make soak takes each one.
EVERY = int(os.environ.get("EVERY", "17"))
DEADLY = os.path.join(s.BUILD, "tests", "deadly.so")
tap = s.Tap(int(os.environ.get("JOBS", "3")))


SYSTEMS = ("doors", "data", "files", "compliance", "directory")


def small():
    people = [dict(s.anna(3), fastio={
                  "owns": ["Plans", "share:Kit"], "member": ["Roadmap"],
                  "invites": ["Launch"]},
                   vanta={"employment": "FORMER"}, scim={"groups": 0}),
              dict(s.staff("joanna.fields", {}, {"keys": 1}),
                   fastio={"member": ["Roadmap"]}, vanta={}, scim={}),
              dict(s.staff("heir", {}, {"groups": ["Data engineers"]}),
                   fastio={"member": ["Roadmap"]}, vanta={}, scim={}),
              dict(s.staff("it.admin", {}, {"operator": True}),
                   fastio={"operator": True}, scim={},
                   vanta={"acknowledger": True})]
    return s.company(people, fillers=0, sync_limit_ms=10, sync_time_ms=5)


def over(case):
    """Machines have done all that they can; people may have tasks."""
    return case["status"] in ("complete", "attention") and all(
        st["state"] in ("verified", "manual", "done")
        for st in s.steps(case).values())


def site_new():
    """A company, and people who are told."""
    site = s.Site(small(), auth="oauth", systems=SYSTEMS,
                  compliance=("rate = 100000",))
    with open(site.conf, "a") as f:
        f.write("[notify]\nsmtp_url = smtp://127.0.0.1:%d\n"
                "from = ob@corp.example\nsecurity = sec@corp.example\n"
                "webhook_url = http://127.0.0.1:%d/hr\n"
                "webhook_secret_file = %s\n" % (
                    site.ports["smtp"], site.ports["hook"], site.secret(
                        "hook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")))
    return site


def untold(site, case):
    """Everybody was told, and twice only under the same name."""
    out = ["not sent: %s" % m for m in case["messages"]
           if m["state"] != "sent"]
    hooks = {h["headers"].get("webhook-id", h["headers"].get("Webhook-Id"))
             for h in site.control("/hooks")}
    want = len([m for m in case["messages"] if m["kind"] == "webhook"])
    if len(hooks) != want or want == 0:
        out.append("%d calls under %d names" % (want, len(hooks)))
    letters = {x for m in site.control("/mails") for x in
               re.findall(r"Message-ID: (\S+)", m["data"])}
    want = len([m for m in case["messages"] if m["kind"] == "mail"])
    if len(letters) != want or want == 0:
        out.append("%d letters under %d names" % (want, len(letters)))
    return out


def run_deadly(site, at, when):
    """One worker that dies at that write; its exit status."""
    child = site.popen("run", "--until-idle", prefix=[
        "env", "ASAN_OPTIONS=verify_asan_link_order=0",
        "LD_PRELOAD=" + DEADLY, "DEADLY_AT=%d" % at,
        "DEADLY_WHEN=" + when, "DEADLY_COUNT=" + site.path("count")])
    return site.run_end(child)


def begin(site):
    return site.run("start", s.ANNA, "--yes", "--handover", s.HEIR)


def total():
    with site_new() as site:
        begin(site)
        ran = run_deadly(site, 0, "before")
        if ran.status != 0 or not over(site.case()):
            sys.exit("the run without a death did not end: %r %s" % (
                ran, s.brief(site.case())))
        with open(site.path("count")) as f:
            return int(f.read())


def authorise(site):
    """The answer with a new refresh token died with the worker before a byte
    of it was written: nobody knows it, and a person must authorise again.
    None when that is not what happened."""
    given = 1 + len([r for r in site.requests() if r["method"] == "POST" and
                     r["path"] == "/oauth/token" and r["status"] == 200])
    with open(site.path("secrets", "doors.refresh")) as f:
        if f.read().strip() == "demo-refresh-%d" % given:
            return None
    case = site.case()
    if not any("authorise offboard again" in st["detail"]
               for st in s.steps(case).values()):
        return ["the token is lost, and nothing says so: " + s.brief(case)]
    site.secret("doors.refresh", "demo-refresh-%d" % given)
    site.run("retry", "OB-000001")
    site.run("run", "--until-idle", timeout=90)
    return []


def died(at, when):
    with site_new() as site:
        before = site.state()
        begin(site)
        ran = run_deadly(site, at, when)
        out = []
        if ran.status not in (-9, 137, 0):
            out.append("ended with %r" % ran)
        again = site.run("run", "--until-idle", timeout=90)
        case = site.case()
        if not over(case):
            out += authorise(site) or []
            case = site.case()
        if again.status != 0 or not over(case):
            return out + ["then %r, and the case is %s" % (
                again, s.brief(case))]
        wrong = [t["text"] for t in case["tasks"]
                 if "API keys of" not in t["text"] and
                 "by SCIM" not in t["text"]]
        if wrong:
            out.append("tasks: %s" % wrong)
        cert = site.run("certificate", "OB-000001", "-o", site.path("cert"))
        check = site.run("certificate", "--verify", site.path("cert"))
        if cert.status != 0 or check.status != 0:
            out.append("the certificate: %r, %r" % (cert, check))
        for name in ("keys", "groups", "pipelines", "roles"):
            for system in case["systems"]:
                if system["system"] == "data" and \
                        not system.get("before", {}).get(name):
                    out.append("the before-image has no %s" % name)
        return out + untold(site, case) + s.overall(site, case, before)


if not os.path.exists(DEADLY):
    print("1..0 # SKIP there is no %s" % DEADLY)
    sys.exit(0)
N = total()
print("# %d durable writes in one offboarding, every %d. of them" % (N, EVERY))
for at in range(1, N + 1, EVERY):
    for when in ("before", "after"):
        tap.add("kill -9 %s durable write %d of %d" % (when, at, N), died, at,
                when)
sys.exit(tap.main())
