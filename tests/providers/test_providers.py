#!/usr/bin/python3
"""DoorFlow and Acceldata against the simulated company: every case of a
table is one offboarding, and afterwards the record must say no more than
what is true there."""
import http.client
import http.server
import importlib.util
import os
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Python has a module of its own that is called site.
_spec = importlib.util.spec_from_file_location(
    "offboard_site", os.path.join(os.path.dirname(HERE), "site.py"))
s = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(s)

ANNA, HEIR = s.ANNA, s.HEIR
DIALECTS = [("found", "token"), ("found", "oauth"), ("guide", "token"),
            ("guide", "oauth")]
tap = s.Tap(jobs=int(os.environ.get("JOBS", "4")))


def conf_of(site):
    return {"credential_action":
            "disable" if site.dialect == "guide" else "none"}


def expect(case, status):
    if case is None:
        return ["there is no case"]
    if case["status"] != status:
        return ["the status should be %s: %s" % (status, s.brief(case))]
    return []


def finished(ran, site, before, who=None, status="complete", code=0,
             conf=None):
    """What is wrong with a run that should have ended like this."""
    if ran.json is None:
        return ["no result: %r" % ran]
    out = expect(ran.json, status)
    if ran.status != code:
        out.append("exit %d instead of %d: %s" % (ran.status, code, ran.err))
    return out + s.overall(site, ran.json, before, conf or conf_of(site),
                           who)


# ---- the normal run ----

def normal(dialect, auth, *more):
    with s.Site(dialect=dialect, auth=auth) as site:
        before = site.state()
        if not site.door(ANNA)["opens"]:
            return ["the door should open before"]
        ran = site.start(ANNA, "--handover", HEIR, *more)
        out = finished(ran, site, before)
        if site.door(ANNA)["opens"]:
            out.append("the door still opens")
        after = site.state()
        user = [u for u in after["acceldata"]["users"]
                if u["email"] == ANNA][0]
        for key, want in (("status", ["OFFBOARDED"]), ("team", ["data"]),
                          ("handedOffTo", [HEIR])):
            if user["attributes"].get(key) != want:
                out.append("attribute %s is %s" % (
                    key, user["attributes"].get(key)))
        owners = {p["uid"]: p["meta"]["owner"]
                  for p in after["acceldata"]["pipelines"]}
        if owners != {u: HEIR for u in ("orders-daily", "churn-model",
                                        "stock-hourly")}:
            out.append("the pipelines belong to %s" % owners)
        if auth == "oauth":
            with open(site.path("secrets", "doors.refresh")) as f:
                kept = f.read().strip()
            if kept != after["doorflow"]["oauth"]["refresh"]:
                out.append("the refresh token kept is not the live one")
            if os.stat(f.name).st_mode & 0o77:
                out.append("the refresh token can be read by others")
        return out


for dialect, auth in DIALECTS:
    tap.add("a normal run, %s contract, %s" % (dialect, auth), normal,
            dialect, auth)
    tap.add("an emergency, %s contract, %s" % (dialect, auth), normal,
            dialect, auth, "--emergency")


def plan_writes_nothing(dialect):
    with s.Site(dialect=dialect) as site:
        before = site.state()
        ran = site.run("plan", ANNA, "--handover", HEIR, "--json")
        out = [] if ran.status == 0 else ["plan: %r" % ran]
        if site.changes():
            out.append("the plan has changed something: %s" % site.changes())
        plan = ran.json
        if [k for k in ("person", "systems", "tasks") if k not in plan] or \
                "id" in plan or "status" in plan:
            out.append("keys of the plan: %s" % sorted(plan))
        holds = " ".join(h for x in plan["systems"] for h in x["holds"])
        for word in ("6 API key", "2 pipeline", "3 credential"):
            if word not in holds:
                out.append("the plan does not name %s: %s" % (word, holds))
        return out + s.touched(before, site.state(), []) + site.leaks()


for dialect in ("found", "guide"):
    tap.add("a plan writes nothing, %s contract" % dialect,
            plan_writes_nothing, dialect)


def many_keys(dialect, keys):
    with s.Site(s.company([s.anna(keys), s.staff("heir", {}, {}),
                           s.staff("it.admin", {}, {"operator": True})]),
                dialect=dialect) as site:
        before = site.state()
        out = finished(site.start(ANNA, "--handover", HEIR), site, before)
        gone = [r for r in site.changes() if "/api-keys/" in r["path"]]
        if len(gone) != keys or len({r["path"] for r in gone}) != keys:
            out.append("%d deletions for %d keys" % (len(gone), keys))
        return out


tap.add("60 keys", many_keys, "found", 60)
tap.add("250 keys on three pages", many_keys, "found", 250)
tap.add("250 keys on three pages, guide contract", many_keys, "guide", 250)


def builtin_company():
    """Anna of the built-in company made a robot: a task decides on it."""
    with s.Site(builtin=True) as site:
        before = site.state()
        ran = site.start(ANNA, "--handover", HEIR)
        out = finished(ran, site, before, status="attention", code=2)
        tasks = [t for t in ran.json["tasks"] if t["state"] == "open"]
        if len(tasks) != 1 or "svc-orders-loader" not in tasks[0]["text"]:
            return out + ["tasks: %s" % ran.json["tasks"]]
        site.run("task", "done", str(tasks[0]["id"]), "--note",
                 "still needed")
        site.run("run", "--until-idle")
        return out + expect(site.case(), "complete")


tap.add("the built-in company: a robot of hers is a task, then complete",
        builtin_company)


def second_page():
    """More than a hundred addresses hold hers, and stand before it."""
    rows = [s.staff("x%03d.anna.fields" % i, {"groups": ["All staff"]},
                    {"groups": ["Analysts"]}) for i in range(130)]
    rows += [s.anna(3), s.staff("it.admin", {}, {"operator": True}),
             s.staff("heir", {}, {})]
    for r in rows[:130]:
        r["email"] = r["email"].replace(".anna.fields", "anna.fields")
    with s.Site(s.company(rows)) as site:
        before = site.state()
        return finished(site.start(ANNA, "--handover", HEIR), site, before)


tap.add("130 addresses that hold hers stand before it", second_page)


# ---- who it is ----

def person(who, status="complete", code=0, found=None, task=None,
           dialect="found", more=(), untouched=()):
    with s.Site(dialect=dialect) as site:
        before = site.state()
        ran = site.start(who, "--handover", HEIR, *more)
        out = finished(ran, site, before, who.lower(), status, code)
        if out and ran.json is None:
            return out
        for system in ran.json["systems"]:
            want = (found or {}).get(system["system"])
            if want and system["found"] != want:
                out.append("%s is %s in %s" % (who, system["found"],
                                               system["system"]))
        if task and not any(task in t["text"] for t in ran.json["tasks"]):
            out.append("no task says %r: %s" % (task, ran.json["tasks"]))
        for name in untouched:
            hit = [r["path"] for r in site.changes() if r["system"] == name]
            if hit:
                out.append("%s was changed: %s" % (name, hit))
        return out


both = {"doors": "found", "data": "found"}
tap.add("joanna.fields, whose address holds Anna's, leaves alone", person,
        "joanna.fields@corp.example", found=both)
tap.add("anna.fields2, who has Anna's name, leaves alone", person,
        "anna.fields2@corp.example", found=both)
tap.add("an address asked for in capitals", person,
        "ANNA.FIELDS@CORP.EXAMPLE", found=both)
tap.add("an address that stands there in capitals", person,
        "dave.hill@corp.example", found=both)
tap.add("bob.stone is not in the data system", person,
        "bob.stone@corp.example", found={"doors": "found", "data": "absent"},
        untouched=("acceldata",))
tap.add("carol.reyes is not in the door system", person,
        "carol.reyes@corp.example", found={"doors": "absent",
                                           "data": "found"},
        untouched=("doorflow",))
for dialect in ("found", "guide"):
    tap.add("erin.twin is there twice, %s contract: that system stops" %
            dialect, person, "erin.twin@corp.example", "attention", 2,
            {"doors": "ambiguous", "data": "found"}, None, dialect, (),
            ("doorflow",))
    tap.add("frank.idp is managed upstream, %s contract: a task" % dialect,
            person, "frank.idp@corp.example", "attention", 2, both,
            "identity provider", dialect)
tap.add("nobody of that address anywhere is never complete", person,
        "nobody.here@corp.example", "attention", 2,
        {"doors": "absent", "data": "absent"},
        untouched=("doorflow", "acceldata"))
tap.add("a part of an address is nobody", person, "fields@corp.example",
        "attention", 2, {"doors": "absent", "data": "absent"},
        untouched=("doorflow", "acceldata"))
tap.add("a robot of hers is a task", person, "grace.robot@corp.example",
        "attention", 2, both, "svc-loader")


def owner_of_our_key(dialect):
    with s.Site(dialect=dialect) as site:
        before = site.state()
        ran = site.start("it.admin@corp.example", "--handover", HEIR)
        if ran.json is None:
            return [] if ran.status == 1 and "key" in ran.err else \
                ["%r" % ran]
        out = expect(ran.json, "attention")
        keys = {k["accessKey"] for k in site.state()["acceldata"]
                ["api_keys"]}
        if "AK-demo-operator" not in keys:
            out.append("offboard has deleted its own key")
        user = [u for u in site.state()["acceldata"]["users"]
                if u["email"].startswith("it.admin")][0]
        if not user["enabled"]:
            out.append("the owner of our key was disabled")
        hit = [r["method"] + " " + r["path"] for r in site.changes()
               if r["system"] == "acceldata"]
        if hit:
            out.append("the owner of our key was changed: %s" % hit)
        return out + s.overall(site, ran.json, before, conf_of(site))


for dialect in ("found", "guide"):
    tap.add("the owner of our own key is refused, %s contract" % dialect,
            owner_of_our_key, dialect)


def twin_mended():
    with s.Site() as site:
        site.start("erin.twin@corp.example")
        twin = [p["id"] for p in site.state()["doorflow"]["people"]
                if p["email"] == "erin.twin@corp.example"]
        state = site.state()
        for p in state["doorflow"]["people"]:
            if p["id"] == twin[1]:
                p["email"] = "erin.other@corp.example"
        state.pop("doors")
        site.control("/reset", state)
        before = site.state()
        ran = site.run("retry", "OB-000001", "doors", "--wait", "--json")
        return finished(ran, site, before)


tap.add("a twin that was mended, then a retry: complete", twin_mended)


def unusual_address(local):
    """Addresses with letters that mean something in a URL."""
    who = local + s.DOMAIN
    with s.Site(s.company([
            s.staff(local, {"groups": ["All staff"]}, {"keys": 2}),
            s.staff("it.admin", {}, {"operator": True})])) as site:
        before = site.state()
        return finished(site.start(who), site, before, who)


for local in ("mary+doors", "o'neil", "a&b=c", "per%20cent", "hash#tag",
              "sla/sh", "que?ry"):
    tap.add("the address %s%s" % (local, s.DOMAIN), unusual_address, local)


def odd_names(odd, bad):
    """Names that a vendor sends are shown to people, on terminals too."""
    with s.Site() as site:
        state = site.state()
        state.pop("doors")
        state["doorflow"]["channels"][2]["name"] = odd
        ad = state["acceldata"]
        for row, key, value in (
                [(p, "first_name", odd) for p in state["doorflow"]["people"]
                 if p["email"] == ANNA] +
                [(u, "firstName", odd) for u in ad["users"]
                 if u["email"] == ANNA] +
                [(p, "name", odd) for p in ad["pipelines"]] +
                [(k, "displayName", odd) for k in ad["api_keys"]] +
                [(g, "name", odd + g["name"]) for g in ad["groups"]] +
                [(u, "username", odd) for u in ad["service_users"]] +
                [(u, "createdBy", ANNA) for u in ad["service_users"]]):
            row[key] = value
        site.control("/reset", state)
        site.channel(odd, "offline")
        out = []
        for args in (("plan", ANNA), ("plan", ANNA, "--json"),
                     ("start", ANNA, "--yes", "--wait"),
                     ("show", "OB-000001"), ("show", "OB-000001", "--json"),
                     ("list",), ("task", "list"), ("audit", "verify"),
                     ("restore", "OB-000001", "--wait")):
            child = site.popen(*args)
            text, err = child.communicate(timeout=60)
            if child.returncode not in (0, 2):
                out.append("%s: exit %d: %s" % (args, child.returncode, err))
            try:
                text = (text + err).decode()
            except UnicodeDecodeError as e:
                out.append("%s: not UTF-8: %s" % (args, e))
                continue
            # JSON escapes what it must, and is for machines.
            if "--json" not in args and any(b in text for b in bad):
                at = min(text.index(b) for b in bad if b in text)
                out.append("%s shows it raw: %r" % (
                    args, text[max(0, at - 60):at + 30]))
        return out


for what, odd, bad in (
        ("escape sequences", "a\x1b[31mb\x07c", ("\x1b", "\x07")),
        ("line ends", "evil\n[OB-000009] complete\r", ("\n[OB-", "\r")),
        ("marks that turn the writing round", "a\u202eb\u2066c",
         ("\u202e", "\u2066")),
        ("600 letters of two bytes", "\u00fc" * 600, ()),
        ("601 letters, shifted by one", "x" + "\u00fc" * 600, ()),
        ("nothing at all", " ", ())):
    tap.add("names of %s" % what, odd_names, odd, bad)


# ---- doors ----

def offline_door():
    with s.Site() as site:
        site.channel("Car park gate", "offline")
        before = site.state()
        ran = site.start(ANNA, "--handover", HEIR)
        out = expect(ran.json, "attention")
        if ran.status != 2:
            out.append("exit %d" % ran.status)
        tasks = [t["text"] for t in ran.json["tasks"]]
        if not any("Car park gate" in t for t in tasks):
            out.append("no task names the door: %s" % tasks)
        if any("Main entrance" in t for t in tasks):
            out.append("a door is named that has it: %s" % tasks)
        out += s.overall(site, ran.json, before)
        site.channel("Car park gate", "online")
        s.until(5, lambda: not site.door(ANNA, "Car park gate")["opens"])
        ran = site.run("retry", "OB-000001", "--wait", "--json")
        return out + finished(ran, site, before)


def door_fails(status, fails):
    with s.Site() as site:
        site.channel("Loading dock", status, fails=fails)
        before = site.state()
        ran = site.start(ANNA, "--handover", HEIR)
        out = expect(ran.json, "attention")
        if not any("Loading dock" in t["text"] for t in ran.json["tasks"]):
            out.append("no task names the door: %s" % ran.json["tasks"])
        return out + s.overall(site, ran.json, before)


def ask_sync(site):
    """Somebody else's sync: not through offboard."""
    link = http.client.HTTPConnection("127.0.0.1", site.ports["doorflow"],
                                      timeout=10)
    link.request("POST", "/api/3/sync", headers={
        "Authorization": "Bearer demo-doorflow-token"})
    status = link.getresponse().status
    link.close()
    return status


def other_sync():
    """It begins between our look at the account and that at the doors."""
    with s.Site(s.company(sync_time_ms=900)) as site:
        before = site.state()
        out = finished(site.start(ANNA, "--handover", HEIR), site, before)
        site.forget()
        site.fault("delay", *DF_DOORS, times=1, ms=400)
        child = site.popen("retry", "OB-000001", "doors/verify", "--wait",
                           "--json")
        if not s.until(5, lambda: any("/account" in r["path"]
                                      for r in site.requests()), 0.005):
            return out + ["the account was never looked at"]
        site.change("joanna.fields@corp.example", set={"groups": [11, 12]})
        if ask_sync(site) != 200:
            out.append("the other sync was refused")
        ran = site.run_end(child)
        for t in ran.json["tasks"]:
            out.append("a task that is not needed: %s" % t["text"])
        return out + expect(ran.json, "complete")


def already_off():
    """Disabled by hand, but the doors were never told."""
    with s.Site() as site:
        site.change(ANNA, enabled=False)
        before = site.state()
        return finished(site.start(ANNA, "--handover", HEIR), site, before)


def sync_off():
    with s.Site(doors=["sync = off"]) as site:
        before = site.state()
        ran = site.start(ANNA, "--handover", HEIR)
        out = expect(ran.json, "complete")
        if [r for r in site.changes() if r["path"].endswith("/sync")]:
            out.append("a sync was asked for")
        return out + s.overall(site, ran.json, before,
                               {"sync": "off"})


def credentials(action, dialect):
    with s.Site(dialect=dialect,
                doors=["credential_action = " + action]) as site:
        before = site.state()
        return finished(site.start(ANNA, "--handover", HEIR), site, before,
                        conf={"credential_action": action})


def disable_refused():
    """The published contract knows no disabling of a credential: 422."""
    with s.Site(doors=["credential_action = disable"]) as site:
        before = site.state()
        ran = site.start(ANNA, "--handover", HEIR)
        out = expect(ran.json, "attention")
        if s.states(ran.json)["doors/revoke"] != "failed":
            out.append(s.brief(ran.json))
        return out + s.overall(site, ran.json, before,
                               {"credential_action": "disable"})


def removal():
    with s.Site(doors=["remove = on"], data=["remove = on"]) as site:
        before = site.state()
        ran = site.start(ANNA, "--handover", HEIR)
        out = expect(ran.json, "complete")
        after = site.state()
        left = [u for u in after["acceldata"]["users"] if u["email"] == ANNA]
        if left and left[0].get("enabled"):
            out.append("the user is still there")
        return out + s.touched(before, after, [ANNA]) + site.audit() + \
            s.pipelines_lost(before, after, ANNA, [HEIR])


tap.add("an offline door is named with a task, and done when it is back",
        offline_door)
tap.add("a door whose sync fails is named with a task", door_fails,
        "online", True)
tap.add("a door that waits for its encryption is named with a task",
        door_fails, "pending_encryption", False)
tap.add("disabled by hand before, and the doors not told", already_off)
tap.add("a sync of somebody else while we look opens no task", other_sync)
tap.add("sync = off asks for none", sync_off)
tap.add("credential_action = delete", credentials, "delete", "found")
tap.add("credential_action = disable, guide contract", credentials,
        "disable", "guide")
tap.add("credential_action = none, guide contract", credentials, "none",
        "guide")
tap.add("credential_action = disable where it is refused: failed",
        disable_refused)
tap.add("remove = on in both systems", removal)


def behind_our_back(system, change):
    """Somebody gives access back between the revocation and the verify."""
    with s.Site() as site:
        before = site.state()
        # Holds the verification up until the change was made.
        site.worker()
        site.fault("status", system, "GET", "/api/3/account" if
                   system == "doorflow" else "/pipelines/summary",
                   status=503)
        site.start(ANNA, "--handover", HEIR, wait=False)
        name = "doors" if system == "doorflow" else "data"

        def held():
            known = s.steps(site.case())
            return known and known[name + "/revoke"]["attempts"] > 0 and \
                known[name + "/revoke"]["state"] not in (
                    "pending", "running")
        if not s.until(10, held):
            return ["never held: " + s.brief(site.case())]
        site.change(ANNA, system=system, **change)
        site.heal()
        site.run("retry", "OB-000001", name)
        if not s.until(15, lambda: site.case()["status"] in
                       ("attention", "complete") and
                       s.is_quiet(site.case())):
            return ["never ended: " + s.brief(site.case())]
        case = site.case()
        # Taken away once more is right; so is saying that it is there.
        left = s._doors_left(site.state(), ANNA, None, {}) \
            if system == "doorflow" else \
            s._data_left(site.state(), ANNA, None)
        left = left["contain"] + left["revoke"]
        out = []
        if left and case["status"] == "complete":
            out.append("complete, but %s: %s" % (left, s.brief(case)))
        if left and s.states(case)[name + "/verify"] == "verified":
            out.append("verify is verified, but %s" % left)
        if not out and left:
            # The advice of the failed verify is to retry that system.
            ran = site.run("retry", "OB-000001", name, "--wait", "--json")
            out += ["after the retry that was advised: " + x
                    for x in finished(ran, site, before)]
        return out + s.touched(before, site.state(), [ANNA]) + site.audit()


for name, change in (("enabled", {"enabled": True}),
                     ("a group", {"set": {"groups": [11]}})):
    tap.add("%s again in the door system before verify: said; then a retry "
            "of that system" % name, behind_our_back, "doorflow", change)
for name, change in (("enabled", {"enabled": True}),
                     ("a group", {"set": {"groups": ["grp-analysts"]}})):
    tap.add("%s again in the data system before verify: said; then a retry "
            "of that system" % name, behind_our_back, "acceldata", change)


def several_at_once(auth, concurrency, slow=False):
    """Four people at once; a token has one owner all the same."""
    more = ["concurrency = %d" % concurrency]
    whom = [ANNA, "joanna.fields@corp.example", "dave.hill@corp.example",
            "anna.fields2@corp.example"]
    with s.Site(auth=auth, doors=more, data=more,
                offboard=["brake = 100"]) as site:
        before = site.state()
        if slow:
            site.fault("delay", "doorflow", "POST", "/oauth/token", ms=150)
        site.worker()
        for who in whom:
            site.start(who, "--handover", HEIR, wait=False)
        if not s.until(20, lambda: all(
                r["status"] == "complete"
                for r in site.run("list", "--json").rows())):
            cases = [site.case("OB-%06d" % i) for i in range(1, 5)]
            return ["not complete: " + s.brief(c) for c in cases
                    if c["status"] != "complete"]
        after = site.state()
        out = s.touched(before, after, whom) + site.audit() + site.leaks()
        for i, who in enumerate(whom):
            case = site.case("OB-%06d" % (i + 1))
            out += s.lies(case, after)
        return out


for auth in ("token", "oauth"):
    for n in (1, 4):
        tap.add("four people at once, %s, concurrency = %d" % (auth, n),
                several_at_once, auth, n)
tap.add("four people at once, a slow token endpoint, concurrency = 4",
        several_at_once, "oauth", 4, True)


# ---- handing over ----

def heir_of(who, status, state, word, keep, dialect="found"):
    """To whom the pipelines go, or why they do not."""
    with s.Site(dialect=dialect) as site:
        before = site.state()
        ran = site.start(ANNA, *(["--handover", who] if who else []))
        out = finished(ran, site, before, status=status,
                       code=0 if status == "complete" else 2)
        step = s.steps(ran.json)["data/handover"]
        said = step["detail"] + " ".join(t["text"]
                                         for t in ran.json["tasks"])
        if step["state"] != state or word not in said:
            out.append("%s: %s" % (step["state"], said))
        for p in site.state()["acceldata"]["pipelines"]:
            if p["uid"] != "stock-hourly" and s.same(
                    p["meta"]["owner"], ANNA) != keep:
                out.append("%s belongs to %s" % (p["uid"],
                                                 p["meta"]["owner"]))
        return out


for dialect in ("found", "guide"):
    tap.add("handed over to an address in capitals, %s contract" % dialect,
            heir_of, "HEIR@Corp.Example", "complete", "verified", "2",
            False, dialect)
    tap.add("nobody to hand over to, %s contract: a task" % dialect,
            heir_of, None, "attention", "manual", "orders-daily", True,
            dialect)
    tap.add("an heir who has no account, %s contract: failed" % dialect,
            heir_of, "bob.stone@corp.example", "attention", "failed",
            "bob.stone", True, dialect)


def owner_in_capitals():
    """A pipeline whose owner is written differently is hers all the same."""
    with s.Site() as site:
        state = site.state()
        state.pop("doors")
        for p in state["acceldata"]["pipelines"]:
            if p["uid"] == "orders-daily":
                p["meta"]["owner"] = "Anna.Fields@Corp.Example"
        site.control("/reset", state)
        before = site.state()
        return finished(site.start(ANNA, "--handover", HEIR), site, before)


tap.add("a pipeline whose owner is written in capitals", owner_in_capitals)


def many_pipelines():
    names = ["pipe-%03d" % i for i in range(120)]
    with s.Site(s.company([
            s.anna(2, pipelines=names),
            s.staff("heir", {}, {"pipelines": ["stock"]}),
            s.staff("it.admin", {}, {"operator": True})])) as site:
        before = site.state()
        out = finished(site.start(ANNA, "--handover", HEIR), site, before)
        puts = [r for r in site.changes() if "/pipelines" in r["path"]]
        if len(puts) != 120:
            out.append("%d PUTs for 120 pipelines" % len(puts))
        return out


tap.add("120 pipelines on three pages", many_pipelines)


# ---- tokens ----

def short_tokens():
    """Access tokens that die while the offboarding runs."""
    with s.Site(s.company(token_ttl_s=1), auth="oauth") as site:
        site.control("/latency", {"system": "doorflow", "ms": 60})
        before = site.state()
        out = finished(site.start(ANNA, "--handover", HEIR), site, before)
        if len([r for r in site.requests()
                if r["path"] == "/oauth/token"]) < 2:
            out.append("the token was never renewed")
        return out


def token_fault(kind, heals, **more):
    """A passing fault of the token endpoint is no refusal."""
    with s.Site(auth="oauth", doors=["timeout = 1s"]) as site:
        before = site.state()
        site.fault(kind, "doorflow", "POST", "/oauth/token", times=1, **more)
        ran = site.start(ANNA, "--handover", HEIR)
        if heals:
            return finished(ran, site, before)
        out = expect(ran.json, "attention")
        return out + s.overall(site, ran.json, before)


tap.add("access tokens that live for a second", short_tokens)
for kind, more in (("status", {"status": 503}), ("reset", {}), ("hang", {}),
                   ("rate", {"retry_after": 1})):
    tap.add("token endpoint: %s once is tried again" % kind, token_fault,
            kind, True, **more)
tap.add("token endpoint: a lost new token stops that system, no more",
        token_fault, "truncate", False)


def token_revoked():
    with s.Site(auth="oauth") as site:
        site.secret("doors.refresh", "demo-refresh-77")
        before = site.state()
        ran = site.start(ANNA, "--handover", HEIR)
        out = expect(ran.json, "attention")
        known = s.steps(ran.json)
        if known["doors/contain"]["state"] != "failed" or \
                known["data/verify"]["state"] != "verified":
            out.append(s.brief(ran.json))
        if len([r for r in site.requests()
                if r["path"] == "/oauth/token"]) > 2:
            out.append("a refused token was tried again and again")
        out += s.overall(site, ran.json, before)
        site.secret("doors.refresh", "demo-refresh-1")
        ran = site.run("retry", "OB-000001", "--wait", "--json")
        return out + finished(ran, site, before)


tap.add("a dead refresh token stops that system; a new one mends it",
        token_revoked)


# ---- faults that pass ----

DF_FIND = ("doorflow", "GET", "/api/3/people?")
DF_READ = ("doorflow", "GET", "/api/3/people/5")
DF_PUT = ("doorflow", "PUT", "/api/3/people/")
DF_CREDS = ("doorflow", "GET", "/credentials")
DF_RES = ("doorflow", "GET", "/api/3/reservations")
DF_UNRES = ("doorflow", "DELETE", "/api/3/reservations")
DF_SYNC = ("doorflow", "POST", "/api/3/sync")
DF_ACCOUNT = ("doorflow", "GET", "/api/3/account")
DF_DOORS = ("doorflow", "GET", "/api/3/channels")
AD_FIND = ("acceldata", "GET", "/admin/api/users/list")
AD_READ = ("acceldata", "GET", "/admin/api/users/user-")
AD_PUT = ("acceldata", "PUT", "/admin/api/users/user-")
AD_KEYS = ("acceldata", "GET", "/api-keys")
AD_KEY = ("acceldata", "DELETE", "/api-keys/")
AD_GROUPS = ("acceldata", "GET", "/groups")
AD_UNGROUP = ("acceldata", "PUT", "/remove-groups")
AD_ROLES = ("acceldata", "GET", "/assigned-client-roles")
AD_UNROLE = ("acceldata", "PUT", "/remove-assigned-client-roles")
AD_ROBOTS = ("acceldata", "GET", "/service-users")
AD_PIPES = ("acceldata", "GET", "/pipelines/summary")
AD_PIPE = ("acceldata", "GET", "/pipelines/orders")
AD_GIVE = ("acceldata", "PUT", "/torch-pipeline/api/pipelines")
READS = [DF_FIND, DF_READ, DF_RES, DF_ACCOUNT, DF_DOORS, AD_FIND, AD_READ,
         AD_KEYS, AD_GROUPS, AD_ROLES, AD_ROBOTS, AD_PIPES, AD_PIPE,
         DF_CREDS]
WRITES = [DF_PUT, DF_UNRES, DF_SYNC, AD_PUT, AD_KEY, AD_UNGROUP, AD_UNROLE,
          AD_GIVE]


def passing(kind, where, again=False, dialect="found", **more):
    """One faulty answer. It heals by itself, or (AGAIN) by one retry."""
    slow = kind in ("hang", "slow", "delay")
    with s.Site(dialect=dialect, doors=["timeout = 1s"] if slow else (),
                data=["timeout = 1s"] if slow else ()) as site:
        before = site.state()
        site.fault(kind, *where, times=1, **more)
        ran = site.start(ANNA, "--handover", HEIR)
        hits = sum(f["hits"] for f in site.control("/faults"))
        out = [] if hits else ["the fault was never met"]
        if not again:
            return out + finished(ran, site, before)
        if ran.json["status"] != "complete":
            out += s.overall(site, ran.json, before, conf_of(site))
            ran = site.run("retry", "OB-000001", "--wait", "--json")
        return out + finished(ran, site, before)


def name_of(where):
    return "%s %s %s" % where


for where in READS + WRITES:
    tap.add("%s: 500 once" % name_of(where), passing, "status", where,
            status=500)
for where in WRITES:
    tap.add("%s: done, but 502 once" % name_of(where), passing,
            "done_then_status", where, status=502)
    tap.add("%s: accepted, but nothing done once" % name_of(where), passing,
            "nothing", where)
for where in (DF_FIND, DF_READ, DF_DOORS, AD_FIND, AD_KEYS, AD_PIPES):
    tap.add("%s: cut off once" % name_of(where), passing, "truncate", where)
    tap.add("%s: half a body once" % name_of(where), passing, "half", where)
    tap.add("%s: no body once" % name_of(where), passing, "empty", where)
for where in (DF_FIND, DF_ACCOUNT, AD_READ, AD_GROUPS):
    tap.add("%s: garbage once" % name_of(where), passing, "garbage", where)
for where in (DF_PUT, DF_SYNC, AD_PUT, AD_KEY, AD_GIVE):
    tap.add("%s: done, answer cut off once" % name_of(where), passing,
            "truncate", where)
    tap.add("%s: done, garbage for an answer once" % name_of(where),
            passing, "garbage", where)
    tap.add("%s: connection reset once" % name_of(where), passing, "reset",
            where)
    tap.add("%s: the old state is shown for a while" % name_of(where),
            passing, "stale", where, ms=400)
for where in (DF_PUT, AD_KEY, AD_FIND):
    tap.add("%s: hangs once" % name_of(where), passing, "hang", where)
    tap.add("%s: answers too late once" % name_of(where), passing, "delay",
            where, ms=1500)
for where in (DF_READ, AD_KEYS):
    tap.add("%s: a byte a second once" % name_of(where), passing, "slow",
            where, ms=1000)
    tap.add("%s: an answer without end once" % name_of(where), passing,
            "huge", where)
for where in (DF_FIND, AD_READ):
    tap.add("%s: a redirect once" % name_of(where), passing, "redirect",
            where)
for where in (AD_PUT, AD_KEY, AD_UNGROUP, AD_GIVE, AD_FIND):
    tap.add("%s: 200 that says false once, then a retry" % name_of(where),
            passing, "false", where, again=True)
for where in (AD_PUT, AD_UNGROUP):
    tap.add("%s: 200 that says false once, guide contract" % name_of(where),
            passing, "false", where, again=True, dialect="guide")
for where in (DF_ACCOUNT, DF_DOORS):
    tap.add("%s: an unknown word once, then a retry" % name_of(where),
            passing, "unknown_word", where, again=True)


def passing_late(kind, **more):
    """The fault comes after the doors were looked at many times: a look
    is no failure, so it is tried again as soon as after a first one."""
    with s.Site(s.company(sync_time_ms=1500)) as site:
        before = site.state()
        site.fault(kind, *DF_ACCOUNT, times=1, after=12, **more)
        began = time.monotonic()
        site.worker()
        site.start(ANNA, "--handover", HEIR, wait=False)
        if not s.until(15, lambda: site.case()["status"] in
                       ("complete", "attention")):
            return ["not over after 15 s: " + s.brief(site.case())]
        took = time.monotonic() - began
        case = site.case()
        hits = sum(f["hits"] for f in site.control("/faults"))
        out = [] if hits else ["the fault was never met"]
        if took > 12:
            out.append("took %.1f s" % took)
        return out + expect(case, "complete") + s.overall(site, case, before)


for n in range(3):
    tap.add("503 after many looks at the doors is tried again soon (%d)" %
            (n + 1), passing_late, "status", status=503)
tap.add("garbage after many looks at the doors is tried again",
        passing_late, "garbage")


def vendor_wait(where, by_body):
    """The vendor's own wait is kept to: by the times of the requests."""
    with s.Site() as site:
        before = site.state()
        site.fault("rate", *where, times=2, retry_after=2)
        ran = site.start(ANNA, "--handover", HEIR)
        out = finished(ran, site, before)
        rows = [r for r in site.requests() if r["system"] == where[0]]
        for i, r in enumerate(rows):
            if r["status"] != 429 or i + 1 == len(rows):
                continue
            later = [x for x in rows[i + 1:]
                     if by_body is False or where[2] in x["path"]]
            if later and later[0]["at_ms"] - r["at_ms"] < 1990:
                out.append("asked again after %d ms" % (
                    later[0]["at_ms"] - r["at_ms"]))
        return out


tap.add("429 of the door system: its own wait is kept to", vendor_wait,
        DF_FIND, False)
tap.add("429 of the sync: its own wait is kept to", vendor_wait, DF_SYNC,
        True)
tap.add("429 of the data system with Retry-After: kept to", vendor_wait,
        AD_KEY, False)
tap.add("503 once with Retry-After: kept to", passing, "status", DF_PUT,
        status=503, retry_after=1)
tap.add("429 of the data system without a wait", passing, "rate", AD_PUT)


# ---- faults that stay ----

def staying(kind, where, step, allowed, other=True, dialect="found",
            auth="token", check=None, spare=None, how=(), **more):
    """For ever: never complete, said plainly, the other system goes on;
    mended and retried it is complete."""
    slow = kind in ("hang", "slow", "delay")
    with s.Site(dialect=dialect, auth=auth,
                doors=["timeout = 1s"] if slow else (),
                data=["timeout = 1s"] if slow else ()) as site:
        before = site.state()
        site.worker()
        if spare:
            # The first fault that fits wins: this one does nothing.
            site.fault("delay", where[0], where[1], spare, ms=0)
        site.fault(kind, *where, **more)
        site.start(ANNA, "--handover", HEIR, *how, wait=False)
        strange = "data" if step.startswith("doors") else "doors"
        since = []

        def there():
            """Tried and not done: for a second, or a second time."""
            case = site.case()
            known = s.steps(case)
            if not known or known[strange + "/verify"]["state"] in \
                    s.OPEN_STATES:
                return None
            now = known[step]
            if now["state"] not in allowed and not (
                    now["state"] == "running" and now["attempts"] > 1):
                return None
            since.append(time.monotonic())
            return (now["state"] != "waiting" or now["attempts"] > 1 or
                    since[-1] - since[0] > 1) and case
        case = s.until(12, there)
        if not case:
            return ["%s is not %s: %s" % (step, "/".join(allowed),
                                          s.brief(site.case()))]
        out = []
        if case["status"] not in ("running", "attention"):
            out.append("the status is %s" % case["status"])
        now = s.steps(case)[step]
        if not now["detail"] or now["state"] != "manual" and \
                step.split("/")[0] not in now["detail"]:
            out.append("%s does not name its system: \"%s\"" % (
                step, now["detail"]))
        if other and s.states(case)[strange + "/verify"] != "verified":
            out.append("the other system did not go on: " + s.brief(case))
        out += s.overall(site, case, before, conf_of(site))
        if check:
            out += check(site, case)
        site.heal()
        site.run("retry", "OB-000001")
        case = s.until(12, lambda: (lambda c: c["status"] in
                                    ("complete", "attention") and
                                    s.is_quiet(c) and c)(site.case()))
        if not case:
            return out + ["not over after mending: " +
                          s.brief(site.case())]
        return out + expect(case, "complete") + s.overall(
            site, case, before, conf_of(site))


GONE_ON = ("waiting",)
STUCK = ("waiting", "unclear")
for where, step in ((DF_FIND, "doors/contain"), (DF_PUT, "doors/contain"),
                    (DF_RES, "doors/revoke"), (DF_UNRES, "doors/revoke"),
                    (DF_SYNC, "doors/contain"), (DF_DOORS, "doors/contain"),
                    (AD_FIND, "data/contain"), (AD_PUT, "data/contain"),
                    (AD_KEY, "data/revoke"), (AD_UNGROUP, "data/revoke"),
                    (AD_PIPES, "data/handover"), (AD_GIVE, "data/handover")):
    tap.add("%s: 500 for ever" % name_of(where), staying, "status", where,
            step, GONE_ON, status=500)
for where, step in ((DF_PUT, "doors/contain"), (DF_UNRES, "doors/revoke"),
                    (DF_SYNC, "doors/contain"), (AD_PUT, "data/contain"),
                    (AD_KEY, "data/revoke"), (AD_UNGROUP, "data/revoke"),
                    (AD_UNROLE, "data/revoke"), (AD_GIVE, "data/handover")):
    tap.add("%s: accepted for ever, but nothing done" % name_of(where),
            staying, "nothing", where, step, GONE_ON)
for where, step in ((AD_PUT, "data/contain"), (AD_KEY, "data/revoke"),
                    (AD_UNGROUP, "data/revoke"), (AD_GIVE, "data/handover"),
                    (AD_FIND, "data/contain")):
    tap.add("%s: 200 that says false for ever" % name_of(where), staying,
            "false", where, step, ("failed",))
for where, step in ((DF_FIND, "doors/contain"), (DF_READ, "doors/contain"),
                    (AD_FIND, "data/contain"), (AD_KEYS, "data/contain")):
    for kind in ("truncate", "half", "garbage", "empty"):
        tap.add("%s: %s for ever" % (name_of(where), kind), staying, kind,
                where, step, STUCK)
for where, step in ((DF_PUT, "doors/contain"), (AD_KEY, "data/revoke")):
    tap.add("%s: hangs for ever" % name_of(where), staying, "hang", where,
            step, GONE_ON)
    tap.add("%s: reset for ever" % name_of(where), staying, "reset", where,
            step, GONE_ON)
for where, step in ((DF_READ, "doors/contain"), (AD_KEYS, "data/contain")):
    tap.add("%s: without end for ever" % name_of(where), staying, "huge",
            where, step, STUCK)
for where in (DF_ACCOUNT, DF_DOORS):
    tap.add("%s: an unknown word for ever" % name_of(where), staying,
            "unknown_word", where, "doors/contain", ("unclear",))


def few_refusals(where, most):
    def check(site, _):
        n = len([r for r in site.requests()
                 if r["system"] == where[0] and r["status"] == 401])
        return ["%d refused requests: a stopped system is left alone" % n] \
            if n > most else []
    return check


for auth in ("token", "oauth"):
    tap.add("door system: 401 for ever, %s: stopped" % auth, staying,
            "unauthorized", ("doorflow", "*", "/api/3/"), "doors/contain",
            ("failed",), auth=auth,
            check=few_refusals(DF_FIND, 2))
tap.add("data system: 401 for ever: stopped", staying, "unauthorized",
        ("acceldata", "*", ""), "data/contain", ("failed",),
        check=few_refusals(AD_FIND, 2))


def one_key_left(site, case):
    left = [k["accessKey"] for k in site.state()["acceldata"]["api_keys"]
            if k["email"] == ANNA]
    user = [u for u in site.state()["acceldata"]["users"]
            if u["email"] == ANNA][0]
    out = []
    if left != ["AK-anna.fields-003"]:
        out.append("one refusal kept other keys alive: %s" % left)
    if user["groups"]:
        out.append("one refusal kept the groups: %s" % user["groups"])
    return out


tap.add("403 on one key: that step fails, the other keys go", staying,
        "forbidden", ("acceldata", "DELETE", "AK-anna.fields-003"),
        "data/revoke", ("failed",), check=one_key_left)


def one_key_busy(site, case):
    left = [k["accessKey"] for k in site.state()["acceldata"]["api_keys"]
            if k["email"] == ANNA]
    return [] if left == ["AK-anna.fields-003"] else [
        "500 on one key kept other keys alive: %s" % left]


tap.add("500 on one key for ever: the other keys go", staying, "status",
        ("acceldata", "DELETE", "AK-anna.fields-003"), "data/revoke",
        GONE_ON, check=one_key_busy, status=500)
def keys_gone(site, case):
    left = [k["accessKey"] for k in site.state()["acceldata"]["api_keys"]
            if k["email"] == ANNA]
    return ["keys live on though only the containment failed: %s" % left] \
        if left else []


def groups_gone(site, case):
    p = [p for p in site.state()["doorflow"]["people"]
         if p["email"] == ANNA][0]
    left = [r for t in ("reservations", "group_reservations")
            for r in site.state()["doorflow"][t]
            if r["person_id"] == p["id"]]
    return ["reservations live on though only a PUT is forbidden: %s" %
            left] if left else []


tap.add("500 on the disabling for ever: keys are revoked all the same",
        staying, "status", AD_PUT, "data/contain", GONE_ON,
        check=keys_gone, status=500)
tap.add("403 on disabling in the door system: failed, the rest goes on",
        staying, "forbidden", DF_PUT, "doors/contain", ("failed",),
        check=groups_gone)
tap.add("403 on disabling in the data system: a task, the rest goes on",
        staying, "forbidden", ("acceldata", "PUT", "/users/user-1005"),
        "data/contain", ("manual", "failed"))
tap.add("404 on the disabling for ever: never complete", staying, "status",
        DF_PUT, "doors/contain", ("waiting", "failed"), status=404)
tap.add("422 on the disabling: failed", staying, "status", DF_PUT,
        "doors/contain", ("failed",), status=422)


def contained(name):
    def check(site, case):
        return [] if s.states(case)[name] == "verified" else [
            "an emergency waits for what it does not need: " +
            s.brief(case)]
    return check


for where, step, name in (
        (DF_RES, "doors/document", "doors/contain"),
        (DF_CREDS, "doors/document", "doors/contain"),
        (AD_ROBOTS, "data/document", "data/contain"),
        (AD_PIPES, "data/document", "data/contain"),
        (AD_GROUPS, "data/document", "data/contain")):
    tap.add("an emergency is contained though %s answers 500 for ever" %
            name_of(where), staying, "status", where, step, GONE_ON,
            status=500, how=("--emergency",), check=contained(name))


# Answers that are JSON, and wrong.
for where, step, bodies in (
        (DF_FIND, "doors/contain", (
            "null", '"x"', "{}", '{"error":"x"}',
            '[{"email":"anna.fields@corp.example"}]')),
        (DF_READ, "doors/contain", (
            "null", "[]", "{}", '{"id":5001,"enabled":false}',
            '{"id":5005,"enabled":"false"}')),
        (DF_ACCOUNT, "doors/contain", (
            "{}", '{"sync":"complete"}', '{"sync":{}}',
            '{"sync":{"status":"complete"}}')),
        (DF_DOORS, "doors/contain", ("{}", "null", "[null]", "[{}]")),
        (AD_FIND, "data/contain", (
            "null", "{}", '{"status":true}',
            '{"users":[{"email":"anna.fields@corp.example"}]}')),
        (("acceldata", "GET", "/users/user-1005"), "data/contain", (
            "[]", "{}", '{"userId":"user-1001","enabled":false}')),
        (AD_KEYS, "data/contain", (
            "{}", '{"data":null}', '{"data":[{}]}', '{"data":[null]}')),
        (("acceldata", "GET", "/groups"), "data/revoke", (
            "{}", '{"groups":null}'))):
    for body in bodies:
        tap.add("%s: 200 with %s for ever" % (name_of(where), body), staying,
                "status", where, step, ("waiting", "unclear", "failed"),
                status=200, body=body,
                spare="/user-1005/" if "user-1005" in where[2] else None)


# ---- redirects ----

class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A host that nobody should ever ask."""
    def do_GET(self):
        self.server.seen.append((self.command, self.path,
                                 dict(self.headers)))
        self.send_response(200)
        self.end_headers()
    do_PUT = do_POST = do_DELETE = do_GET

    def log_message(self, *_):
        pass


def redirected(where, step, dialect="found", auth="token"):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        out = staying("redirect", where, step, STUCK + ("failed",),
                      body="http://127.0.0.1:%d/x" % server.server_port,
                      dialect=dialect, auth=auth)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    if server.seen:
        out.append("the redirect was followed: %s" % server.seen[:2])
    return out


tap.add("a redirect is not followed, door system", redirected, DF_FIND,
        "doors/contain")
tap.add("a redirect of a PUT is not followed", redirected, DF_PUT,
        "doors/contain")
tap.add("a redirect of the token endpoint is not followed", redirected,
        ("doorflow", "POST", "/oauth/token"), "doors/contain", "found",
        "oauth")
tap.add("a redirect is not followed, data system", redirected, AD_FIND,
        "data/contain")

if __name__ == "__main__":
    sys.exit(tap.main())
