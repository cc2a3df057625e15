#!/usr/bin/python3
"""Fastio against the simulated company, in both of its dialects."""
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Python has a module of its own that is called site.
_spec = importlib.util.spec_from_file_location(
    "offboard_site", os.path.join(os.path.dirname(HERE), "site.py"))
s = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(s)

ANNA, HEIR, OB = s.ANNA, s.HEIR, "OB-000001"
DIALECTS = ("found", "guide")
PARTNERS = "/47216600391285540003/"
# Most of the time they wait.
tap = s.Tap(jobs=2 * int(os.environ.get("JOBS", "4")))


def people(*more, **anna):
    """A few people, and Anna, who has a bit of everything."""
    hers = {"owns": ["Campaign", "share:Press kit"],
            "member": ["All hands", "ext:Partner portal"],
            "invites": ["Launch plan"], "sessions": 2, "tokens": 2,
            "webhooks": 2}
    hers.update(anna)
    return {"fillers": 1, "staff": [
        s.staff("joanna.fields", fastio={
            "owns": ["Roadmap"], "member": ["All hands"], "sessions": 1,
            "tokens": 1, "webhooks": 1}, first="Joanna", last="Fields"),
        s.staff("anna.fields", fastio=hers, first="Anna", last="Fields"),
        s.staff("anna.fields2", fastio={
            "member": ["All hands"], "sessions": 1, "tokens": 1},
            first="Anna", last="Fields"),
        s.staff("heir", fastio={"member": ["All hands"], "tokens": 1}),
        s.staff("it.admin", fastio={"operator": True, "sessions": 1})] +
        list(more)}


def site(dialect="found", form=None, files=(), timeout="", **more):
    more.setdefault("systems", ("files",))
    return s.Site(form or people(), dialect=dialect, parent=s.QUICK,
                  files=list(files) + (["timeout = " + timeout] if timeout
                                       else []), **more)


def foreign(state, who=ANNA):
    """The seats in the other organization, which are never ours to end."""
    t = state["fastio"]
    return [o["_members"].get(k) for o in t["workspaces"]
            if o["org_id"] != s.FILES_ORG for k, u in t["users"].items()
            if s.same(u["email"], who)]


def true(st, case, before, who=ANNA, heirs=(HEIR,), conf=None):
    """Every rule that has no exception."""
    after = st.state()
    out = s.lies(case, after, conf) + s.touched(before, after, [who], heirs)
    if st.dialect == "found" and foreign(before, who) != foreign(after, who):
        out.append("the other organization's seat was touched")
    return out + s.silent(case)


def conf_of(files):
    return dict(x.split(" = ") for x in files)


def files_step(case, phase):
    return s.steps(case)["files/" + phase]


def said(case):
    return " ".join([st["detail"] for st in s.steps(case).values()] +
                    [t["text"] for t in case["tasks"]])


def expect(case, **wanted):
    """What each step should be: contain="verified", or two of them."""
    if case is None:
        return ["there is no case"]
    got, out = s.states(case), []
    for phase, want in wanted.items():
        if phase == "status":
            have = case["status"]
        else:
            have = got.get("files/" + phase)
        if have not in (want if isinstance(want, tuple) else (want,)):
            out.append("%s is %s, not %s: %s" % (phase, have, want,
                                                 s.brief(case)))
    return out


def all_of(state, **more):
    """What every step should be when all went well."""
    want = dict.fromkeys(("document", "contain", "revoke", "handover",
                          "remove", "verify"), "verified")
    want["status"] = "complete"
    if state["dialect"] == "found":
        want.update(revoke="manual", status="attention")
    want.update(more)
    return want


def check(st, ran, before, who=ANNA, heirs=(HEIR,), conf=None, **wanted):
    if ran.json is None:
        return ["no result: %r" % ran]
    return expect(ran.json, **all_of(before, **wanted)) + true(
        st, ran.json, before, who, heirs, conf) + st.audit() + st.leaks()


# ---- from one end to the other ----

def whole(dialect, builtin, *how):
    with s.Site(None if builtin else people(), builtin=builtin,
                dialect=dialect, systems=("files",)) as st:
        before = st.state()
        ran = st.start(ANNA, "--handover", HEIR, *how)
        out = check(st, ran, before)
        seats, invites = s.files_seats(st.state(), ANNA)
        if dialect == "found" and (seats or invites):
            out.append("left: %s %s" % (seats, invites))
        if dialect == "found" and not any(
                "Partner portal" in t["text"] and "Partner Example" in
                t["text"] for t in ran.json["tasks"]):
            out.append("no task names the other organization's workspace")
        owners = {o["name"]: m["permissions"] for o, m in s.files_seats(
            st.state(), HEIR)[0]}
        want = ["Campaign"] + (["Brand assets"] if builtin else []) + (
            ["Press kit"] if dialect == "found" else [])
        out += ["the heir is %s of %s" % (owners.get(w), w) for w in want
                if owners.get(w) != "owner"]
        for task in ran.json["tasks"]:
            st.run("task", "done", str(task["id"]), "--note", "seen to")
        st.run("run", "--until-idle")
        return out + expect(st.case(), status="complete")


def heir_told(dialect):
    """The heir is told what is theirs, and what to make anew."""
    with site(dialect, systems=("files", "notify")) as st:
        st.worker()
        st.start(ANNA, "--handover", HEIR, wait=False)
        mail = s.until(10, lambda: next((
            m["data"] for m in st.control("/mails")
            if m["to"] == [HEIR] and "Campaign" in m["data"]), None))
        if not mail:
            return ["not told: %s" % [m["to"] for m in st.control("/mails")]]
        words = ("Press kit",) if dialect == "found" else (
            "token 1", "token 2", "hook-anna.fields-2")
        out = ["%s is not in it: %s" % (w, mail) for w in words
               if w not in mail]
        s.until(5, lambda: st.control("/hooks"))
        hooks = st.control("/hooks")
        if not hooks or not all(h["valid"] for h in hooks):
            out.append("the webhook: %s" % hooks)
        text = (str(st.control("/mails")) + str([h["body"] for h in hooks])
                ).encode()
        hit = s.SECRETS.search(text)
        return out + (["a secret was sent: %s" % hit] if hit else []) + \
            st.leaks()


def without_heir(dialect):
    """What is owned stays, and so does its owner; given away by hand, a
    retry ends it."""
    with site(dialect) as st:
        before = st.state()
        ran = st.start(ANNA)
        held = {"found": {"contain": ("failed", "waiting")},
                "guide": {}}[dialect]
        out = check(st, ran, before, handover="manual", status="attention",
                    remove=("pending", "waiting", "failed"),
                    verify=("failed", "pending", "waiting"), **held)
        names = ["Campaign"] + (["Press kit"] if dialect == "found" else [])
        out += ["%s is not named: %s" % (n, said(ran.json)) for n in names
                if n not in said(ran.json)]
        mine = [m for o, m in s.files_seats(st.state(), ANNA)[0]
                if o["name"] in names]
        if [m["permissions"] for m in mine] != ["owner"] * len(names):
            out.append("she owns no more: %s" % mine)
        state = st.state()
        for o, m in s.files_seats(state, ANNA)[0]:
            if m["permissions"] == "owner":
                m["permissions"] = "admin"
                boss = state["fastio"]["_operator"]
                o["_members"][boss] = {"permissions": "owner"}
        state.pop("doors")
        st.control("/reset", state)
        before = st.state()
        ran = st.run("retry", OB, "--wait", "--json")
        return out + ["given away by hand: " + p for p in
                      check(st, ran, before)]


def nothing_owned(dialect):
    with site(dialect, people(owns=[])) as st:
        before = st.state()
        return check(st, st.start(ANNA), before)


def remove_off(dialect):
    """Then a membership ends by its expiry, or the user is suspended."""
    with site(dialect, files=["remove = off"]) as st:
        before = st.state()
        ran = st.start(ANNA, "--handover", HEIR)
        out = check(st, ran, before, conf={"remove": "off"}, remove=None)
        if [r for r in st.changes() if r["method"] == "DELETE" and
                "/members/98" in r["path"]]:
            out.append("a membership was removed")
        return out


def seat_list(state, who=ANNA):
    seats, invites = s.files_seats(state, who)
    ids = [k for k, u in state["fastio"]["users"].items()
           if s.same(u["email"], who)]
    return sorted([(o["name"], m["permissions"], s._is_over(m))
                   for o, m in seats] + [(o["name"], "invited", False)
                                         for o in invites]) + [
        state["fastio"]["users"][k].get("_status", "active") for k in ids]


def restored(st, case, _):
    """The undo says no more than what is true."""
    now, was = st.state(), st.original
    out = s.touched(was, now, [ANNA])
    # Whoever is in the organization is in a place without being invited.
    had = [(x[0], "member", x[2]) if x[1] == "invited" and x not in
           seat_list(now) else x for x in seat_list(was)]
    if s.states(case).get("files/restore") == "verified" and \
            sorted(map(str, had)) != sorted(map(str, seat_list(now))):
        out.append("restored, but %s was %s" % (seat_list(now),
                                                seat_list(was)))
    return out


def offboard_first(st):
    st.original = st.state()
    st.start(ANNA, "--handover", HEIR)


def restore(dialect):
    """All of it is put back where nothing was removed."""
    with site(dialect, files=["remove = off"]) as st:
        offboard_first(st)
        ran = st.run("restore", OB, "--wait", "--json")
        return expect(ran.json, restore="verified", status="restored") + \
            restored(st, ran.json, None) + st.audit() + st.leaks()


def restore_removed(dialect):
    """Who was removed is invited again, or a task says what is left."""
    with site(dialect) as st:
        offboard_first(st)
        ran = st.run("restore", OB, "--wait", "--json")
        out = expect(ran.json, restore={"found": "done", "guide":
                                        "manual"}[dialect])
        out += s.touched(st.original, st.state(), [ANNA])
        text = said(ran.json)
        words = ("has to accept", "All hands", "Campaign", "Press kit") \
            if dialect == "found" else ("Invite", "Transfer 1", "token")
        out += ["%s is not said: %s" % (w, text) for w in words
                if w not in text]
        if dialect == "guide":
            return out
        st.control("/accept", {"email": ANNA})
        mine = {o["name"] for o, _ in s.files_seats(st.state(), ANNA)[0]}
        if not {"All hands", "Campaign", "Press kit"} <= mine:
            out.append("after accepting she is in %s" % mine)
        return out


def restore_again(dialect):
    """A retry of the undo must not begin to take away again."""
    with site(dialect, files=["remove = off"]) as st:
        offboard_first(st)
        was = s.states(st.case())
        st.fault("status", "fastio", "POST", "", status=500)
        st.fault("status", "fastio", "PUT", "", status=500)
        out = expect(st.stuck("restore", OB, "--json").json,
                     restore="waiting")
        st.heal()
        ran = st.run("retry", OB, "--wait", "--json")
        now = s.states(ran.json)
        if now.pop("files/restore") != "verified" or now != was:
            out.append("other steps were put back to work: " +
                       s.brief(ran.json))
        return out + restored(st, ran.json, None)


def looking(dialect):
    """plan and check change nothing, and say what there is."""
    with site(dialect) as st:
        before = st.state()
        ran = st.run("plan", ANNA, "--handover", HEIR, "--json")
        holds = " ".join(ran.json["systems"][0]["holds"]) if ran.json else ""
        words = ("Campaign", "All hands", "Press kit", "invitation",
                 "Launch plan", "Partner portal") if dialect == "found" \
            else ("2 sessions", "2 tokens", "2 webhook", "1 workspace")
        out = ["the plan does not name %s: %s" % (w, holds or ran)
               for w in words if w not in holds]
        for args, code in ((("plan", ANNA), 0), (("check",), 0),
                           (("plan", "no.body" + s.DOMAIN), 0)):
            ran = st.run(*args)
            if ran.status != code:
                out.append("%s: %r" % (args, ran))
        if st.changes():
            out.append("it was changed: %s" % st.changes())
        return out + s.touched(before, st.state(), []) + st.leaks()


def looking_at(answer):
    """plan and the doctor meet it, too: they say so and end with 1."""
    out = []
    more = {"timeout": "500ms"} if answer.kind in s.SLOW else {}
    for dialect in DIALECTS:
        with site(dialect, **more) as st:
            for args in (("plan", ANNA), ("check",)):
                st.forget()
                if st.run(*args).status:
                    return ["%s fails by itself" % args[0]]
                rows = {s.template(r["method"], r["path"]): r
                        for r in reversed(st.requests())}
                for i, (text, r) in enumerate(rows.items()):
                    if any(w in r["path"] for w in SPARE) or \
                            not s.is_due(answer, i, 2):
                        continue
                    for q in rows.values():
                        if r["path"] in q["path"] and q is not r:
                            st.fault("delay", "fastio", "GET", q["path"],
                                     ms=0)
                    st.fault(answer.kind, "fastio", "GET", r["path"],
                             **answer.more)
                    ran = st.run(*args)
                    st.heal()
                    if ran.status != 1 or "files" not in ran.out:
                        out.append("%s, %s: %r" % (args[0], text, ran))
            if st.changes():
                out.append("it was changed: %s" % st.changes())
            out += st.leaks()
    return out


def read_only(dialect):
    with site(dialect) as st:
        st.secret("files.token", "demo-fastio-readonly")
        ran = st.run("check")
        out = []
        if dialect == "found" and (ran.status == 0 or "scope" not in
                                   ran.out + ran.err):
            out.append("the doctor is content with it: %r" % ran)
        before = st.state()
        case = st.stuck("start", ANNA, "--yes", "--json", "--handover",
                        HEIR).json
        return out + expect(case, contain=("failed", "pending", "waiting"),
                            status=("attention", "running")) + \
            s.touched(before, st.state(), []) + st.leaks()


for dialect in DIALECTS:
    tap.add("all of it, with an heir, %s contract" % dialect, whole, dialect,
            False)
    tap.add("all of it, an emergency, %s contract" % dialect, whole, dialect,
            False, "--emergency")
    tap.add("the company of the demo, %s contract" % dialect, whole, dialect,
            True)
    tap.add("an owner without an heir, %s contract" % dialect, without_heir,
            dialect)
    tap.add("the heir is told what is theirs now, %s contract" % dialect,
            heir_told, dialect)
    tap.add("nothing owned and no heir, %s contract" % dialect,
            nothing_owned, dialect)
    tap.add("remove = off, %s contract" % dialect, remove_off, dialect)
    tap.add("restore where nothing was removed, %s contract" % dialect,
            restore, dialect)
    tap.add("restore of a removed member, %s contract" % dialect,
            restore_removed, dialect)
    tap.add("a restore is retried, and nothing else, %s contract" % dialect,
            restore_again, dialect)
    tap.add("plan and check change nothing, %s contract" % dialect, looking,
            dialect)
    tap.add("a token that may only read, %s contract" % dialect, read_only,
            dialect)

# ---- every request and every answer ----

# Requests that the product can do without.
SPARE = ("orgs/list/external", "/events/search/", "/users/me", "audit-logs",
         "/9412870056310027842/", PARTNERS, "/auth/scopes")
UNDO = [a for a in s.ANSWERS if a.text != "412"]
for dialect in DIALECTS:
    s.Table("an offboarding, %s contract" % dialect,
            lambda dialect=dialect, **more: site(dialect, **more),
            ("start", ANNA, "--yes", "--json", "--handover", HEIR), true,
            optional=SPARE).add_to(tap, [
                a for a in s.ANSWERS + s.ONCE if a.text != "412" and (
                    a.text != "409" or dialect == "guide")])
for name, dialect, off in (("a restore, found contract", "found", True),
                           ("a restore of a removed member", "found", False),
                           ("a restore, guide contract", "guide", True)):
    s.Table(name, lambda dialect=dialect, off=off, **more: site(
        dialect, files=["remove = off"] if off else [], **more),
        ("restore", OB, "--json"), restored, before=offboard_first,
        optional=SPARE, again=("files/restore",), share=7).add_to(tap, UNDO)
for a in s.ANSWERS:
    if not a.writes and not a.any_end and a.text not in (
            "400", "422", "412", "409", "503 with a wait"):
        tap.add("plan and the doctor are met by %s" % a.text, looking_at, a)


def not_ended(where, kind, **more):
    """With remove = off nothing else ends a membership: contain must not
    say that it is over when it is not."""
    with site("found", people(owns=[]), files=["remove = off"]) as st:
        before = st.state()
        st.fault(kind, "fastio", *where, **more)
        case = st.stuck("start", ANNA, "--yes", "--json").json
        out = true(st, case, before, conf={"remove": "off"})
        if "failed" not in s.states(case).values() and \
                "waiting" not in s.states(case).values():
            out.append("nothing is open: " + s.brief(case))
        return out


for what, where in (("the organisation", "/current/org/"),
                    ("a workspace", "/current/workspace/")):
    tap.add("a 404 to the ending of a membership of %s is no end" % what,
            not_ended, ("POST", where), "status", status=404)
    tap.add("a membership of %s that is listed, but not found" % what,
            not_ended, ("GET", where + (
                s.FILES_ORG if "org" in where else "47216600391285540001") +
                "/member/"), "status", status=404)

# ---- who it is ----


def person(dialect, who, found, form=None, **wanted):
    with site(dialect, form) as st:
        before = st.state()
        ran = st.start(who, "--handover", HEIR)
        if found == "found":
            return check(st, ran, before, who.lower(), **wanted)
        out = expect(ran.json, **wanted) + true(st, ran.json, before,
                                                who.lower())
        if ran.json["systems"][0]["found"] != found:
            out.append("found is " + ran.json["systems"][0]["found"])
        if st.changes():
            out.append("it was changed: %s" % st.changes()[:3])
        return out + s.touched(before, st.state(), [])


dave = s.staff("dave.hill", fastio={"email": "Dave.Hill@CORP.example",
                                    "member": ["All hands"], "tokens": 1})
erin = s.staff("erin.twin", fastio={"copies": 2, "member": ["All hands"],
                                    "tokens": 1})
carl = s.staff("carl.outside", fastio={"permissions": "none",
                                       "member": ["All hands"]})
ida = s.staff("ida.invited", fastio={"permissions": "none",
                                     "invites": ["Launch plan", "org"]})
for dialect in DIALECTS:
    for text, who, found, form, more in (
            ("joanna.fields, whose address holds Anna's",
             "joanna.fields" + s.DOMAIN, "found", None, {}),
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
             people(erin), {"document": "failed", "contain": "failed",
                            "status": "attention"})):
        tap.add("%s, %s contract" % (text, dialect), person, dialect, who,
                found, form, **more)
tap.add("somebody who is in a workspace only", person, "found",
        "carl.outside" + s.DOMAIN, "found", people(carl))
tap.add("somebody who is invited only", person, "found",
        "ida.invited" + s.DOMAIN, "found", people(ida), revoke="verified",
        status="complete")


def owner_of_token():
    with site() as st:
        before = st.state()
        ran = st.start("it.admin" + s.DOMAIN, "--handover", HEIR)
        out = [] if ran.json is None else expect(
            ran.json, document="failed", status="attention")
        if st.changes():
            out.append("the owner of our token was changed: %s" %
                       st.changes())
        return out + s.touched(before, st.state(), [])


def ids_alike():
    """20 digits, of which 17 are the same: a number would mix them up."""
    head = "98217364509182736"
    with site() as st:
        ran = st.start(ANNA, "--handover", HEIR)
        hit = {r["path"].split("/members/")[1].split("/")[0]
               for r in st.changes() if r["method"] == "DELETE" and
               "/members/9" in r["path"]}
        out = [] if hit == {head + "002"} else ["removed: %s" % hit]
        if ran.json["systems"][0]["account"] != head + "002":
            out.append("account %s" % ran.json["systems"][0]["account"])
        return out


tap.add("the owner of our own token is left alone", owner_of_token)
tap.add("ids of 20 digits that share 17", ids_alike)

# ---- how the service shows it ----


def shown(dialect, form, settings, conf=(), **wanted):
    with site(dialect, form, files=list(conf)) as st:
        st.settings(**settings)
        before = st.state()
        return check(st, st.start(ANNA, "--handover", HEIR), before,
                     **wanted)


many = dict(people(owns=["Plan %02d" % i for i in range(12)],
                   member=["Room %02d" % i for i in range(18)],
                   tokens=60, sessions=30, webhooks=30, invites=[]),
            fillers=130)
for text, dialect, form, settings in (
        ("pages of seven", "found", many, {"fastio_page_max": 7}),
        ("pages of one", "found", people(), {"fastio_page_max": 1}),
        ("every second address is called otherwise", "found", None,
         {"fastio_email_address": True}),
        ("answers without an envelope", "found", None,
         {"fastio_flat": True}),
        ("the same, and other addresses, on pages of three", "found", None,
         {"fastio_flat": True, "fastio_email_address": True,
          "fastio_page_max": 3}),
        ("pages of seven", "guide", many, {"guide_page_max": 7}),
        ("pages of one", "guide", people(), {"guide_page_max": 1}),
        ("pages of a hundred", "guide", many, {"guide_page_max": 100}),
        ("bare lists", "guide", None, {"bare_lists": True}),
        ("bare lists on pages of two", "guide", None,
         {"bare_lists": True, "guide_page_max": 2}),
        ("a filter of webhooks that does nothing", "guide", None,
         {"webhooks_ignore_filter": True}),
        ("the same, bare, on pages of two", "guide", None,
         {"webhooks_ignore_filter": True, "bare_lists": True,
          "guide_page_max": 2}),
        ("sessions that do not come again", "guide", None,
         {"relogin": False})):
    tap.add("%s, %s contract" % (text, dialect), shown, dialect, form,
            settings)


def own_rate():
    """It tells the end of its wait in headers of its own."""
    with site() as st:
        st.settings(fastio_rate=6000)
        before = st.state()
        st.fault("rate", "fastio", "POST", "/update/", times=1,
                 retry_after=1)
        out = check(st, st.start(ANNA, "--handover", HEIR), before)
        return out + s.early(st.requests(), 1000)


tap.add("a rate's own end is waited for", own_rate)

# ---- the heir ----


def heir(dialect, who, state, word, form=None, keep=True):
    with site(dialect, form) as st:
        before = st.state()
        ran = st.start(ANNA, "--handover", who)
        case = ran.json
        if not keep:
            return check(st, ran, before, heirs=[who])
        out = expect(case, handover=state) + true(st, case, before,
                                                  heirs=[who])
        if word not in said(case):
            out.append("%r is not said: %s" % (word, said(case)))
        owned = [o["name"] for o, m in s.files_seats(st.state(), ANNA)[0]
                 if m["permissions"] == "owner"]
        if "Campaign" not in owned:
            out.append("she owns %s only" % owned)
        return out + st.leaks()


gone = s.staff("gone.heir", fastio={"permissions": "none",
                                    "invites": ["org"]})
for dialect in DIALECTS:
    tap.add("an heir in capitals, %s contract" % dialect, heir, dialect,
            "HEIR@Corp.Example", "verified", "", None, False)
    tap.add("an heir who is not there, %s contract" % dialect, heir, dialect,
            "bob.stone" + s.DOMAIN, "failed", "bob.stone")
    tap.add("an heir who is there twice, %s contract" % dialect, heir,
            dialect, "erin.twin" + s.DOMAIN, "failed", "erin.twin",
            people(erin))
tap.add("an heir in a workspace only, found contract", heir, "found",
        "carl.outside" + s.DOMAIN, "failed", "carl.outside", people(carl))
tap.add("an heir who is only invited", heir, "found", "gone.heir" + s.DOMAIN,
        "failed", "invited", people(gone))


def heir_late(dialect):
    """The heir is let in later: then a retry ends it."""
    late = s.staff("late.heir", fastio={"permissions": "none"})
    with site(dialect, people(late) if dialect == "found" else None) as st:
        who = "late.heir" + s.DOMAIN
        st.start(ANNA, "--handover", who)
        if dialect == "found":
            st.change(who, system="fastio", member=["org"])
        else:
            state = st.state()
            state.pop("doors")
            state["fastio"]["users"]["98217364509182736077"] = {
                "id": "98217364509182736077", "email": who,
                "first_name": "Lee", "last_name": "Late"}
            state["fastio"]["orgs"][0]["_members"][
                "98217364509182736077"] = {"permissions": "member"}
            st.control("/reset", state)
        before = st.state()
        ran = st.run("retry", OB, "--wait", "--json")
        return check(st, ran, before, heirs=[who])


def heir_accepts():
    """Where the service only invites the heir, that is said; once it is
    accepted a retry ends it."""
    with site() as st:
        st.fault("nothing", "fastio", "POST", "/members/9821736450918273600")
        before = st.state()
        case = st.stuck("start", ANNA, "--yes", "--json", "--handover",
                        HEIR).json
        out = expect(case, handover="failed") + true(st, case, before)
        if "accept" not in said(case):
            out.append("nothing is said of an invitation: " + said(case))
        st.heal()
        st.change(HEIR, system="fastio", member=["Campaign",
                                                 "share:Press kit"])
        return out + check(st, st.run("retry", OB, "--wait", "--json"),
                           before)


for dialect in DIALECTS:
    tap.add("an heir who is let in later, %s contract" % dialect, heir_late,
            dialect)
tap.add("an heir who has to accept first", heir_accepts)

# ---- coming back ----


def after(*more):
    return ["recheck_after = 1s, 1h"] + list(more)


def ended(dialect, st):
    ran = st.start(ANNA, "--handover", HEIR)
    for task in ran.json["tasks"]:
        st.run("task", "done", str(task["id"]), "--note", "seen to")
    st.run("run", "--until-idle")
    return expect(st.case(), status="complete")


def look_again(st):
    """The next look, once it is due."""
    due = st.case()["recheck_at"]
    s.until(5, lambda: s.time.strftime(
        "%Y-%m-%dT%H:%M:%S", s.time.gmtime(s.time.time() - 1)) >= due[:19])
    st.run("run", "--until-idle")
    return st.case()


def back(dialect, contain, change, word):
    with site(dialect, offboard=after(*(["recheck = contain"] if contain
                                        else []))) as st:
        out = ended(dialect, st)
        change(st)
        before = st.state()
        case = look_again(st)
        if word not in said(case) and not contain:
            out.append("%r is not said: %s" % (word, said(case)))
        if contain:
            out += expect(case, recheck="verified")
        else:
            out += expect(case, status="attention", recheck="failed")
            st.run("retry", OB, "files", "--wait")
            case = st.case()
        return out + true(st, case, before)


def let_in(st):
    st.change(ANNA, system="fastio", member=["org", "All hands"])


def invite(st):
    st.change(ANNA, system="fastio", invites=["Launch plan"])


def workspace_only(st):
    st.change(ANNA, system="fastio", member=["Roadmap"])


def user_again(st):
    """The same user is back in the guide's organisation."""
    state = st.state()
    state.pop("doors")
    t = state["fastio"]
    u = next(u for u in t["users"].values() if u["email"] == ANNA)
    u.pop("_gone")
    u["_status"] = "active"
    t["orgs"][0]["_members"][u["id"]] = {"permissions": "member"}
    st.control("/reset", state)


for contain in (False, True):
    how = "is ended again" if contain else "is reported"
    for text, dialect, change, word in (
            ("a membership that came back", "found", let_in, "All hands"),
            ("an invitation that came back", "found", invite, "Launch plan"),
            ("a seat in one workspace", "found", workspace_only, "Roadmap"),
            ("a user who came back", "guide", user_again, "again")):
        tap.add("%s %s, %s contract" % (text, how, dialect), back, dialect,
                contain, change, word)


def new_id(dialect):
    """Somebody else at the old address: a finding, and left alone."""
    with site(dialect, offboard=after("recheck = contain")) as st:
        out = ended(dialect, st)
        state = st.state()
        state.pop("doors")
        t = state["fastio"]
        new = "98217364509182736099"
        old = next(u for u in t["users"].values() if u["email"] == ANNA)
        old["email"] = "left.long.ago" + s.DOMAIN
        t["users"][new] = dict(old, id=new, email=ANNA)
        t["users"][new].pop("_gone", None)
        t["users"][new].pop("_status", None)
        for o in t["orgs"][:1] + t["workspaces"][:1]:
            o["_members"][new] = {"permissions": "member"}
        st.control("/reset", state)
        before = st.state()
        st.forget()
        case = look_again(st)
        out += expect(case, recheck="done", status="attention")
        if new not in said(case):
            out.append("the new id is not named: " + said(case))
        if st.changes():
            out.append("it was changed: %s" % st.changes())
        return out + s.touched(before, st.state(), [])


def no_way_back():
    """An invitation taken up after all must give nothing."""
    with site(offboard=after()) as st:
        out = ended("found", st)
        st.control("/accept", {"email": ANNA})
        seats = s.files_seats(st.state(), ANNA)[0]
        if seats:
            out.append("accepted: %s" % seats)
        return out + expect(look_again(st), status="complete",
                            recheck="verified")


def invitation_kept():
    """One that cannot be withdrawn is a way back: never complete, and found
    when it was taken."""
    with site() as st:
        st.fault("status", "fastio", "DELETE", "/members/invitation/",
                 status=403)
        before = st.state()
        case = st.start(ANNA, "--handover", HEIR).json
        out = true(st, case, before) + expect(
            case, revoke="failed", verify="failed", status="attention")
        st.heal()
        st.control("/accept", {"email": ANNA})
        out += expect(st.run("retry", OB, "--wait", "--json").json,
                      verify="failed", status="attention")
        ran = st.run("retry", OB, "files", "--wait", "--json")
        return out + check(st, ran, before)


for dialect in DIALECTS:
    tap.add("a new id at the old address, %s contract" % dialect, new_id,
            dialect)
tap.add("an invitation gives nothing once it is over", no_way_back)
tap.add("an invitation that cannot be withdrawn, then taken up",
        invitation_kept)


def several(dialect):
    """Three people at once, three threads: each by themselves."""
    whom = [ANNA, "joanna.fields" + s.DOMAIN, "anna.fields2" + s.DOMAIN]
    with site(dialect, files=["concurrency = 3"]) as st:
        before = st.state()
        st.worker()
        for who in whom:
            st.start(who, "--handover", HEIR, wait=False)
        done = s.until(15, lambda: all(
            s.is_quiet(c) and "waiting" not in s.states(c).values()
            for c in (st.case("OB-%06d" % (i + 1)) for i in range(3))))
        out = [] if done else ["not over"]
        cases = [st.case("OB-%06d" % (i + 1)) for i in range(3)]
        state = st.state()
        for case in cases:
            out += expect(case, **all_of(before)) + s.lies(case, state)
        return out + s.touched(before, state, whom) + st.leaks()


for dialect in DIALECTS:
    tap.add("three people at once, %s contract" % dialect, several, dialect)

if __name__ == "__main__":
    sys.exit(tap.main())
