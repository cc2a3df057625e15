#!/usr/bin/python3
"""Vanta against the simulated company: it waits for what it must not do,
and confirms what is over, for many people at once."""
import importlib.util
import json
import os
import signal
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
# Python has a module of its own that is called site.
_spec = importlib.util.spec_from_file_location(
    "offboard_site", os.path.join(os.path.dirname(HERE), "site.py"))
s = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(s)

ANNA, OB = s.ANNA, "OB-000001"
BOSS = "it.admin" + s.DOMAIN
DIALECTS = ("found", "guide")
FORMER = {"employment": "FORMER", "groups": 2}
# Most of the time they wait.
tap = s.Tap(jobs=2 * int(os.environ.get("JOBS", "4")))


def people(*more, anna=FORMER, fillers=2, **boss):
    return {"fillers": fillers, "staff": [
        s.staff("joanna.fields", vanta=FORMER, first="Joanna",
                last="Fields"),
        s.staff("anna.fields", vanta=anna, first="Anna", last="Fields"),
        s.staff("anna.fields2", vanta=FORMER, first="Anna", last="Fields"),
        s.staff("heir", vanta={}),
        s.staff("it.admin", vanta=dict({"acknowledger": True}, **boss))] +
        list(more)}


def site(dialect="found", form=None, conf=(), timeout="", systems=(), **more):
    return s.Site(form or people(), dialect=dialect, parent=s.QUICK,
                  systems=("compliance",) + tuple(systems),
                  compliance=list(conf) + (["timeout = " + timeout]
                                           if timeout else []), **more)


def true(st, case, before, who=ANNA):
    """Every rule that has no exception."""
    after = st.state()
    out = s.lies(case, after) + s.touched(before, after, [who])
    phases = {k.split("/")[1] for k in s.steps(case)
              if k.startswith("compliance/")}
    if phases - {"document", "remove", "verify", "recheck"}:
        out.append("it makes steps it cannot: %s" % sorted(phases))
    if len(case["systems"]) == 1 and case.get("contained_at"):
        out.append("an acknowledgement was taken for containment")
    return out + s.silent(case)


def expect(case, **wanted):
    if case is None:
        return ["there is no case"]
    out = []
    for name, want in wanted.items():
        have = case["status"] if name == "status" else \
            s.states(case).get("compliance/" + name)
        if have not in (want if isinstance(want, tuple) else (want,)):
            out.append("%s is %s, not %s: %s" % (name, have, want,
                                                 s.brief(case)))
    return out


def right(st, ran, before, who=ANNA, **more):
    want = dict(document="verified", remove="verified", verify="verified",
                status="complete")
    want.update(more)
    return expect(ran.json, **want) + (true(
        st, ran.json, before, who) if ran.json else []) + st.audit() + \
        st.leaks()


def said(case):
    return " ".join([st["detail"] for st in s.steps(case).values()] +
                    [t["text"] for t in case["tasks"]])


def begin(st, who=ANNA, *more):
    """As far as it comes by itself."""
    return st.stuck("start", who, "--yes", "--json", *more).json


def again(st, *what):
    return st.run("retry", OB, *what, "--wait", "--json")


def posts(st):
    return [json.loads(r["body"]) for r in st.requests()
            if r["path"] == "/v1/people/offboard"]


def tokens(st):
    return [r for r in st.requests() if r["path"] == "/oauth/token"]


# ---- from one end to the other ----

def whole(dialect, *how):
    with site(dialect) as st:
        before = st.state()
        ran = st.start(ANNA, *how)
        out = right(st, ran, before)
        if len(posts(st)) != 1 or len(tokens(st)) != 1:
            out.append("%d confirmations, %d tokens" % (
                len(posts(st)), len(tokens(st))))
        want = {"found": {"updates": [{
            "id": "635c369a274dff2700000002",
            "acknowledgerId": s.ACKNOWLEDGER}]},
            "guide": {"offboardingAcknowledgerId": s.ACKNOWLEDGER,
                      "employeeIds": ["635c369a274dff2700000002"]}}[dialect]
        if posts(st) != [want]:
            out.append("it sent %s" % posts(st))
        return out


def done_before(dialect):
    """Confirmed before by somebody else: nothing is sent."""
    with site(dialect, people(anna=dict(FORMER, complete=True))) as st:
        before = st.state()
        out = right(st, st.start(ANNA), before)
        return out + (["it was sent again"] if posts(st) else [])


def the_demo(dialect):
    """The company of the demo: 130 people, and Anna is employed still."""
    with s.Site(builtin=True, dialect=dialect,
                systems=("compliance",)) as st:
        before = st.state()
        case = begin(st)
        out = expect(case, document="verified", remove="waiting") + true(
            st, case, before)
        st.change(ANNA, system="vanta", employment="FORMER")
        return out + right(st, again(st), before)


def looking(dialect):
    with site(dialect) as st:
        before, out = st.state(), []
        ran = st.run("plan", ANNA, "--json")
        holds = " ".join(ran.json["systems"][0]["holds"]) if ran.json else ""
        for word in ("FORMER", "OFFBOARDING_DUE_SOON", "2 group"):
            if word not in holds:
                out.append("the plan does not name %s: %s" % (word,
                                                              holds or ran))
        for args in (("plan", ANNA), ("check",),
                     ("plan", "no.body" + s.DOMAIN)):
            ran = st.run(*args)
            if ran.status:
                out.append("%s: %r" % (args, ran))
        if st.changes():
            out.append("it was changed: %s" % st.changes())
        return out + s.touched(before, st.state(), []) + st.leaks()


def restored():
    """Nothing was taken away, so nothing is given back."""
    with site() as st:
        st.start(ANNA)
        st.forget()
        ran = st.run("restore", OB, "--wait", "--json")
        return expect(ran.json, status="restored") + (
            ["it was changed: %s" % st.changes()] if st.changes() else [])


def remove_off(dialect):
    with site(dialect, conf=["remove = off"]) as st:
        before = st.state()
        ran = st.start(ANNA)
        out = expect(ran.json, verify="manual", remove=None,
                     status="attention") + true(st, ran.json, before)
        return out + (["it was confirmed all the same"] if posts(st) else [])


for dialect in DIALECTS:
    tap.add("somebody who has left, %s contract" % dialect, whole, dialect)
    tap.add("an emergency, %s contract" % dialect, whole, dialect,
            "--emergency")
    tap.add("confirmed before, %s contract" % dialect, done_before, dialect)
    tap.add("the company of the demo, %s contract" % dialect, the_demo,
            dialect)
    tap.add("plan and check change nothing, %s contract" % dialect, looking,
            dialect)
    tap.add("remove = off, %s contract" % dialect, remove_off, dialect)
tap.add("a restore has nothing to give back", restored)

# ---- every request and every answer ----

MISSING = s.Answer("a result left out", "missing", (), ("waiting", "failed",
                                                        "unclear"),
                   writes=True)
TOKEN_ONCE = s.Answer("401 once", "unauthorized", itself=True, times=1)


def confirmed(st):
    st.original = st.state()


for dialect in DIALECTS:
    s.Table("an offboarding, %s contract" % dialect,
            lambda dialect=dialect, **more: site(dialect, **more),
            ("start", ANNA, "--yes", "--json"), true).add_to(
                tap, s.ANSWERS + s.ONCE + [MISSING])
s.Table("an offboarding", site, ("start", ANNA, "--yes", "--json"), true,
        only="^(?!POST /oauth)").add_to(tap, [TOKEN_ONCE])


def looking_at(answer):
    """plan and the doctor meet it, too: they say so and end with 1."""
    more = {"timeout": "500ms"} if answer.kind in s.SLOW else {}
    with site(**more) as st:
        out, seen = [], {}
        for args in (("plan", ANNA), ("check",)):
            st.forget()
            st.run(*args)
            for r in st.requests():
                seen.setdefault((args, s.template(r["method"], r["path"])),
                                r)
        for i, ((args, text), r) in enumerate(seen.items()):
            if not s.is_due(answer, i):
                continue
            s.shutil.rmtree(st.path("data", "keys"))
            st.control("/reset", method="POST")
            st.fault(answer.kind, "vanta", r["method"], r["path"],
                     **answer.more)
            ran = st.run(*args)
            st.heal()
            if ran.status != 1 or "compliance" not in ran.out:
                out.append("%s, %s: %r" % (args[0], text, ran))
        return out + st.leaks()


for a in s.ANSWERS:
    if not a.writes and not a.any_end and a.text not in (
            "422", "503 with a wait"):
        tap.add("plan and the doctor are met by %s" % a.text, looking_at, a)

# ---- who it is ----


def person(dialect, who, found, form=None, **wanted):
    with site(dialect, form) as st:
        before = st.state()
        ran = st.start(who)
        if found == "found":
            return right(st, ran, before, who.lower(), **wanted)
        out = expect(ran.json, **wanted) + true(st, ran.json, before,
                                                who.lower())
        if ran.json["systems"][0]["found"] != found:
            out.append("found is " + ran.json["systems"][0]["found"])
        if st.changes():
            out.append("it was changed: %s" % st.changes()[:3])
        return out


dave = s.staff("dave.hill", vanta=dict(FORMER,
                                       email="Dave.Hill@CORP.example"))
erin = s.staff("erin.twin", vanta=dict(FORMER, copies=2))
crowd = people(fillers=0)
crowd["staff"][:0] = [s.staff("x%03d" % i, vanta={}, first="anna.fields",
                              last="@corp.example") for i in range(230)]
for row in crowd["staff"][:230]:
    row["email"] = row["email"].replace("@", "anna.fields@")
for dialect in DIALECTS:
    for text, who, found, form, more in (
            ("joanna.fields, whose address holds Anna's",
             "joanna.fields" + s.DOMAIN, "found", None, {}),
            ("230 addresses that hold hers stand before it", ANNA, "found",
             crowd, {}),
            ("anna.fields2, who has Anna's name", "anna.fields2" + s.DOMAIN,
             "found", None, {}),
            ("an address asked for in capitals", ANNA.upper(), "found", None,
             {}),
            ("an address that stands there in capitals",
             "dave.hill" + s.DOMAIN, "found", people(dave), {}),
            ("nobody of that address", "no.body" + s.DOMAIN, "absent", None,
             {"document": "absent", "verify": "absent"}),
            ("a part of an address", "fields" + s.DOMAIN, "absent", None,
             {"document": "absent", "verify": "absent"}),
            ("two with one address", "erin.twin" + s.DOMAIN, "ambiguous",
             people(erin), {"document": "failed", "remove": "failed",
                            "status": "attention"})):
        tap.add("%s, %s contract" % (text, dialect), person, dialect, who,
                found, form, **more)

# ---- what it waits for ----


def becomes_former(dialect, was):
    with site(dialect, people(anna={"employment": was})) as st:
        before = st.state()
        case = begin(st)
        out = expect(case, document="verified", remove="waiting",
                     verify="pending") + true(st, case, before)
        if was not in said(case):
            out.append("%s is not said: %s" % (was, said(case)))
        if posts(st):
            out.append("it was confirmed too early")
        st.change(ANNA, system="vanta", employment="FORMER")
        return out + right(st, again(st), before)


def outstanding(dialect, what, name, shown):
    """Named, where the service names it; then done, then a retry."""
    with site(dialect, people(anna=dict(FORMER, **{what: [name]}))) as st:
        before = st.state()
        case = begin(st)
        out = expect(case, remove="waiting") + true(st, case, before)
        if shown not in said(case):
            out.append("%r is not said: %s" % (shown, said(case)))
        st.change(ANNA, system="vanta", **{what: []})
        return out + right(st, again(st), before)


def waited_enough(dialect):
    """In vain: then a task says what for."""
    with site(dialect, people(anna={}), ["wait_for_former = 1s"]) as st:
        before = st.state()
        ran = st.start(ANNA)
        out = expect(ran.json, remove="manual", verify="failed",
                     status="attention") + true(st, ran.json, before)
        tasks = [t["text"] for t in ran.json["tasks"]]
        if not any("CURRENT" in t for t in tasks):
            out.append("no task says so: %s" % tasks)
        st.change(ANNA, system="vanta", employment="FORMER")
        return out + right(st, again(st), before)


def others_first(kind):
    """It says that all is over, so all must be: the doors, here."""
    with site(form=s.company([
            s.staff("anna.fields", {"groups": ["All staff"]}, None, "Anna",
                    "Fields", vanta=FORMER),
            s.staff("it.admin", {}, vanta={"acknowledger": True})]),
            systems=("doors",)) as st:
        before = st.state()
        st.fault("status", "doorflow", "PUT", "/api/3/people/", status=kind)
        case = begin(st)
        out = expect(case, document="verified", remove="waiting")
        if "doors" not in s.steps(case)["compliance/remove"]["detail"]:
            out.append("the doors are not named: " + s.brief(case))
        if posts(st):
            out.append("it was confirmed before the doors were through")
        st.heal()
        ran = again(st)
        if s.steps(ran.json)["compliance/remove"]["state"] == "waiting":
            ran = again(st)
        return out + right(st, ran, before)


def slow_others():
    """One that is only slow is waited for, and no longer than needed."""
    with site(form=s.company([
            s.staff("anna.fields", {"groups": ["All staff"]}, None, "Anna",
                    "Fields", vanta=FORMER),
            s.staff("it.admin", {}, vanta={"acknowledger": True})],
            sync_time_ms=700), systems=("doors",)) as st:
        before = st.state()
        began = time.monotonic()
        out = right(st, st.start(ANNA), before)
        took = time.monotonic() - began
        sync = [r["at_ms"] for r in st.requests()
                if r["path"].endswith("/sync")]
        sent = [r["at_ms"] for r in st.requests()
                if r["path"] == "/v1/people/offboard"]
        if not sync or not sent or sent[0] < sync[0] + 700:
            out.append("confirmed before the doors were through")
        return out + (["it took %.1f s" % took] if took > 6 else [])


for dialect in DIALECTS:
    for was in ("CURRENT", "UPCOMING", "ON_LEAVE", "INACTIVE"):
        tap.add("%s, then FORMER, %s contract" % (was, dialect),
                becomes_former, dialect, was)
    tap.add("an offboarding task is open, %s contract" % dialect,
            outstanding, dialect, "tasks_open", "Return the laptop",
            "Return the laptop")
    tap.add("a monitored account is active, %s contract" % dialect,
            outstanding, dialect, "accounts", "GitHub: afields",
            "GitHub: afields" if dialect == "found" else "accounts")
    tap.add("waited in vain, %s contract" % dialect, waited_enough, dialect)
tap.add("the doors are not through: 500", others_first, 500)
tap.add("the doors are not through: 403", others_first, 403)
tap.add("the doors take their time", slow_others)

# ---- the acknowledger ----


def acknowledger(dialect, conf, form, good, word="acknowledger", who=ANNA):
    with site(dialect, form, conf) as st:
        before = st.state()
        doctor = st.run("check")
        if good:
            return right(st, st.start(who), before, who) + (
                [] if doctor.status == 0 else ["check: %r" % doctor])
        case = begin(st, who)
        out = expect(case, remove="failed") + true(st, case, before, who)
        if word not in said(case):
            out.append("%r is not said: %s" % (word, said(case)))
        if posts(st):
            out.append("it was confirmed by nobody")
        if who == ANNA and (doctor.status != 1 or word not in doctor.out):
            out.append("check: %r" % doctor)
        return out


for dialect in DIALECTS:
    tap.add("an acknowledger by the id of a login, %s contract" % dialect,
            acknowledger, dialect, ["acknowledger = 65f0aa10c3d2b1e4a5968701"],
            None, True)
    tap.add("an acknowledger nobody knows, %s contract" % dialect,
            acknowledger, dialect, ["acknowledger = 5df91759d463fd48218e9fff"],
            None, False)
    tap.add("an acknowledger who has left, %s contract" % dialect,
            acknowledger, dialect, [], people(employment="FORMER"), False)
    tap.add("the acknowledger leaves, %s contract" % dialect, acknowledger,
            dialect, [], people(employment="FORMER"), False, "acknowledger",
            BOSS)
    tap.add("the acknowledger leaves, by the id of a login, %s contract" %
            dialect, acknowledger, dialect,
            ["acknowledger = 65f0aa10c3d2b1e4a5968701"],
            people(employment="FORMER"), False, "acknowledger", BOSS)


def missing_key(key):
    with site() as st:
        with open(st.conf) as f:
            lines = [x for x in f if not x.startswith(key)]
        with open(st.conf, "w") as f:
            f.writelines(lines)
        ran = st.run("check")
        return [] if ran.status in (1, 78) and key in ran.err + ran.out \
            else ["%r" % ran]


for key in ("acknowledger", "client_id", "client_secret_file"):
    tap.add("without %s nothing is begun" % key, missing_key, key)

# ---- the token ----


def by_hand(st):
    """Somebody else with the same client: our token is dead now."""
    body = json.dumps({
        "client_id": "demo-vanta", "client_secret": "demo-vanta-secret",
        "scope": "vanta-api.all:read vanta-api.all:write",
        "grant_type": "client_credentials"}).encode()
    with urllib.request.urlopen(urllib.request.Request(
            "http://127.0.0.1:%d/oauth/token" % st.ports["vanta"], body,
            {"Content-Type": "application/json"})) as answer:
        return json.load(answer)["access_token"]


def superseded(dialect):
    with site(dialect) as st:
        st.start("joanna.fields" + s.DOMAIN)
        by_hand(st)
        before = st.state()
        ran = st.start(ANNA)
        out = right(st, ran, before)
        refused = [r for r in st.requests() if r["status"] == 401]
        if len(tokens(st)) != 3 or len(refused) != 1:
            out.append("%d tokens, %d refusals" % (len(tokens(st)),
                                                   len(refused)))
        return out


def short_lived():
    """Its end is known beforehand, and no request is refused."""
    with site(form=dict(people(), token_ttl_s=1)) as st:
        st.control("/latency", {"system": "vanta", "ms": 250})
        before = st.state()
        out = right(st, st.start(ANNA), before)
        n = len(tokens(st))
        return out + ([] if 2 <= n <= 5 else ["%d tokens" % n])


def kept(n):
    """One token for all who come after, restart or not."""
    with site(form=people(*[s.staff("p%d" % i, vanta=FORMER)
                            for i in range(n)])) as st:
        out = []
        for i in range(n):
            out += expect(st.start("p%d%s" % (i, s.DOMAIN)).json,
                          status="complete")
        worker = st.worker()
        st.start(ANNA, wait=False)
        s.until(10, lambda: st.case("OB-%06d" % (n + 1))["status"] ==
                "complete")
        st.stop(worker)
        return out + ([] if len(tokens(st)) == 1 else [
            "%d tokens" % len(tokens(st))]) + st.leaks()


def five_a_minute():
    """However often our token is killed, and whoever asks."""
    with site() as st:
        st.settings(vanta_token_limit=0)
        codes = []
        for i in range(8):
            codes.append(st.run("check"))
            by_hand(st)
        n = len(tokens(st)) - 8
        out = [] if n == 5 else ["%d of our own tokens" % n]
        if [c.status for c in codes[:5]] != [0] * 5:
            out.append("the first five: %s" % codes[:5])
        if codes[7].status == 0 or "five times a minute" not in codes[7].out:
            out.append("the eighth: %r" % codes[7])
        case = begin(st)
        out += expect(case, remove=("waiting", "pending"),
                      document=("waiting", "pending"))
        if "five times a minute" not in said(case):
            out.append("it does not say why: " + s.brief(case))
        return out + ([] if len(tokens(st)) == 13 else ["asked again"])


def killed(n):
    """A worker killed in the middle of asking has asked all the same."""
    with site() as st:
        st.settings(vanta_token_limit=0)
        st.fault("hang", "vanta", "POST", "/oauth/token")
        st.start(ANNA, wait=False)
        out = []
        for i in range(n):
            worker = st.worker()
            s.until(1 if i < 5 else 0.3, lambda: len(tokens(st)) > i)
            st.stop(worker, signal.SIGKILL)
        if len(tokens(st)) > 5:
            out.append("%d tokens were asked for" % len(tokens(st)))
        return out + st.leaks()


def limited():
    """The service's own limit, with its own wait."""
    with site() as st:
        before = st.state()
        st.fault("rate", "vanta", "POST", "/oauth/token", times=1,
                 retry_after=2)
        out = right(st, st.start(ANNA), before)
        return out + s.early(st.requests(), 2000)


def wrong_client(what, value, state=None):
    with site() as st:
        if state:
            whole_state = st.state()
            whole_state.pop("doors")
            whole_state["vanta"]["oauth"].update(state)
            st.control("/reset", whole_state)
        else:
            st.secret(what, value)
        before = st.state()
        case = begin(st)
        out = expect(case, document="failed", status="attention") + true(
            st, case, before)
        if len(tokens(st)) > 3:
            out.append("%d tokens were asked for" % len(tokens(st)))
        ran = st.run("check")
        if ran.status != 1 or "compliance" not in ran.out:
            out.append("check: %r" % ran)
        if state:
            whole_state["vanta"]["oauth"]["scopes"] = [
                "vanta-api.all:read", "vanta-api.all:write"]
            st.control("/reset", whole_state)
        else:
            st.secret(what, "demo-vanta-secret")
        return out + right(st, again(st), before)


def own_pace():
    """rate = 600 is one request in a tenth of a second."""
    with site(conf=["rate = 600"]) as st:
        before = st.state()
        out = right(st, st.start(ANNA), before)
        at = [r["at_ms"] for r in st.requests()
              if r["path"] != "/oauth/token"]
        close = [b - a for a, b in zip(at, at[1:]) if b - a < 60]
        return out + ["requests %s ms after one another" % close] \
            if close else out


def default_pace():
    """Without a word it is 40 a minute, so a start is no burst."""
    with site() as st:
        with open(st.conf) as f:
            text = f.read()
        with open(st.conf, "w") as f:
            f.write(text.replace("rate = 0\n", ""))
        st.worker()
        st.start(ANNA, wait=False)
        time.sleep(1.2)
        rows = [r for r in st.requests() if r["path"] != "/oauth/token"]
        return [] if len(rows) == 1 else [
            "%d requests in the first second" % len(rows)]


for dialect in DIALECTS:
    tap.add("a token that somebody killed, %s contract" % dialect,
            superseded, dialect)
tap.add("tokens that live for a second", short_lived)
tap.add("one token for several runs of the worker", kept, 4)
tap.add("five tokens a minute at most, over restarts", five_a_minute)
tap.add("five tokens a minute at most, over kills", killed, 7)
tap.add("the token endpoint's own wait is kept to", limited)
tap.add("a wrong secret stops it, a new one mends it", wrong_client,
        "compliance.secret", "wrong")
tap.add("a client without the scopes", wrong_client, None, None,
        {"scopes": ["vanta-api.all:read"]})
tap.add("rate = 600 is kept to", own_pace)
tap.add("40 requests a minute unless told otherwise", default_pace)

# ---- many at once ----


def together(dialect, n, odd=()):
    """N who are ready go in one request, each with a result of its own."""
    rows = [s.staff("p%02d" % i, vanta=FORMER) for i in range(n)] + [
        s.staff("odd%02d" % i, vanta=dict(FORMER, **o))
        for i, o in enumerate(odd)]
    whom = [r["email"] for r in rows]
    with site(dialect, people(*rows), offboard=["brake = 100"]) as st:
        before = st.state()
        st.run("plan", ANNA)
        for who in whom:
            st.start(who, wait=False)
        st.worker()
        cases = ["OB-%06d" % (i + 1) for i in range(len(whom))]
        s.until(20, lambda: all(
            st.case(c)["status"] == "complete" for c in cases[:n]))
        s.until(5, st.is_stuck)
        cases, out = [st.case(c) for c in cases], []
        state = st.state()
        for i, case in enumerate(cases):
            out += s.lies(case, state) + s.silent(case) + expect(
                case, remove="verified" if i < n else "waiting")
        sent = [[u["id"] for u in p["updates"]] if "updates" in p else
                p["employeeIds"] for p in posts(st)]
        if max(map(len, sent), default=0) < n - 1:
            out.append("sent one by one: %s" % [len(x) for x in sent])
        if len(sent) > 3:
            out.append("%d requests for %d people" % (len(sent), len(whom)))
        st.stop()
        return out + s.touched(before, state, whom) + st.leaks()


def together_faulty(dialect, kind, **more):
    """What befalls the one request befalls none of them for good."""
    whom = ["p%02d%s" % (i, s.DOMAIN) for i in range(5)]
    with site(dialect, people(*[s.staff("p%02d" % i, vanta=FORMER)
                                for i in range(5)]),
              offboard=["brake = 100"]) as st:
        before = st.state()
        for who in whom:
            st.start(who, wait=False)
        st.fault(kind, "vanta", "POST", "/v1/people/offboard", times=1,
                 **more)
        st.worker()
        names = ["OB-%06d" % (i + 1) for i in range(5)]
        free = s.until(7, lambda: all(
            s.states(c).get("compliance/remove") in ("waiting", "failed") or
            c["status"] == "complete" for c in map(st.case, names)), 0.1)
        waiting = [n for n in names if st.case(n)["status"] != "complete"]
        for n in waiting:
            st.run("retry", n)
        done = s.until(9, lambda: all(
            st.case(n)["status"] == "complete" for n in names), 0.1)
        out = [] if free else ["nobody else was served for 7 s"]
        out += [] if done else ["not over: " + "; ".join(
            s.brief(st.case(n)) for n in names)]
        if sum(f["hits"] for f in st.control("/faults")) != 1:
            out.append("the fault was never met")
        cases = [st.case(n) for n in names]
        state = st.state()
        for case in cases:
            out += s.lies(case, state)
        st.stop()
        return out + s.touched(before, state, whom)


for dialect in DIALECTS:
    tap.add("five at once, %s contract" % dialect, together, dialect, 5)
    tap.add("five who are ready, and two who are not, %s contract" % dialect,
            together, dialect, 5, [{"accounts": ["GitHub: odd"]},
                                   {"tasks_open": ["Return the laptop"]}])
    for text, kind, more in (
            ("400 of all", "status", {"status": 400}),
            ("422 of all", "status", {"status": 422}),
            ("500 of all", "status", {"status": 500}),
            ("done, but 502", "done_then_status", {"status": 502}),
            ("one result left out", "missing", {}),
            ("one result left out, but done", "missing", {"done": True}),
            ("a success that is none", "nothing", {}),
            ("no body", "empty", {}), ("401", "unauthorized", {})):
        tap.add("five at once, %s once, %s contract" % (text, dialect),
                together_faulty, dialect, kind, **more)

# ---- coming back ----


def look_again(st):
    due = st.case()["recheck_at"]
    s.until(5, lambda: time.strftime(
        "%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 1)) >= due[:19])
    st.run("run", "--until-idle")
    return st.case()


def back(dialect, contain):
    """The tasks are open again, of somebody who is FORMER."""
    with site(dialect, offboard=["recheck_after = 1s, 1h"] + (
            ["recheck = contain"] if contain else [])) as st:
        out = expect(st.start(ANNA).json, status="complete")
        before = st.state()
        st.change(ANNA, system="vanta", employment="FORMER")
        case = look_again(st)
        if contain:
            return out + expect(case, recheck="verified",
                                status="complete") + true(st, case, before)
        out += expect(case, recheck="failed", status="attention")
        if "OFFBOARDING_DUE_SOON" not in said(case):
            out.append("what came back is not said: " + said(case))
        return out + right(st, again(st, "compliance"), before,
                           status=("complete", "attention", "running"))


def hired_again():
    """Employed again: said, and nothing is confirmed."""
    with site(offboard=["recheck_after = 1s, 1h"]) as st:
        out = expect(st.start(ANNA).json, status="complete")
        st.change(ANNA, system="vanta", employment="CURRENT")
        st.forget()
        case = look_again(st)
        out += expect(case, recheck="failed", status="attention")
        if "CURRENT" not in said(case):
            out.append("it is not said: " + said(case))
        return out + (["it was changed"] if st.changes() else [])


def new_id(dialect):
    with site(dialect, offboard=["recheck_after = 1s, 1h",
                                 "recheck = contain"]) as st:
        out = expect(st.start(ANNA).json, status="complete")
        state = st.state()
        state.pop("doors")
        all_ = state["vanta"]["people"]
        old = next(p for p in all_.values() if p["emailAddress"] == ANNA)
        new = dict(old, id="635c369a274dff2700000099", employment=dict(
            old["employment"], status="CURRENT"))
        old["emailAddress"] = "left.long.ago" + s.DOMAIN
        all_[new["id"]] = new
        st.control("/reset", state)
        before = st.state()
        st.forget()
        case = look_again(st)
        out += expect(case, recheck="done", status="attention")
        if new["id"] not in said(case):
            out.append("the new id is not named: " + said(case))
        if st.changes():
            out.append("it was changed: %s" % st.changes())
        return out + s.touched(before, st.state(), [])


for dialect in DIALECTS:
    for contain in (False, True):
        tap.add("tasks that are open again, recheck = %s, %s contract" % (
            "contain" if contain else "report", dialect), back, dialect,
            contain)
    tap.add("a new id at the old address, %s contract" % dialect, new_id,
            dialect)
tap.add("somebody who is hired again", hired_again)

if __name__ == "__main__":
    sys.exit(tap.main())
