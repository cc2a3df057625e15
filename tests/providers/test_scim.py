#!/usr/bin/python3
"""Any service with SCIM 2.0, in all the ways that services have of it."""
import http.server
import importlib.util
import itertools
import json
import os
import re
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Python has a module of its own that is called site.
_spec = importlib.util.spec_from_file_location(
    "offboard_site", os.path.join(os.path.dirname(HERE), "site.py"))
s = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(s)

ANNA, OB = s.ANNA, "OB-000001"
BOB, CAROL = "bob.stone" + s.DOMAIN, "carol.reyes" + s.DOMAIN
# Most of the time they wait.
tap = s.Tap(jobs=2 * int(os.environ.get("JOBS", "4")))


def people(*more, fillers=2, **anna):
    return {"fillers": fillers, "staff": [
        s.staff("joanna.fields", scim={"groups": 1}, first="Joanna",
                last="Fields", employee_id="E-1000"),
        s.staff("anna.fields", scim=dict({"groups": 2}, **anna),
                first="Anna", last="Fields", employee_id="E-1001"),
        s.staff("anna.fields2", scim={"groups": 1}, first="Anna",
                last="Fields", employee_id="E-1009"),
        s.staff("bob.stone", scim={"userName": "bstone", "groups": 1,
                                   "externalId": False},
                employee_id="E-1002"),
        s.staff("carol.reyes", scim={"userName": "creyes", "groups": 1,
                                     "emails": ["carol@private.example"]},
                employee_id="E-1003"),
        s.staff("it.admin", scim={})] + list(more)}


def site(form=None, conf=(), timeout="", **more):
    return s.Site(form or people(), systems=("directory",), parent=s.QUICK,
                  directory=list(conf) + (["timeout = " + timeout]
                                          if timeout else []), **more)


def user_of(state, who):
    return next((u for u in state["scim"]["users"].values()
                 if s.scim_is(u, who)), None)


def kept(before, after, who):
    """Whoever replaces a user must leave everything else as it was."""
    a, b = user_of(before, who), user_of(after, who)
    if a is None or b is None:
        return []
    diff = [k for k in set(a) | set(b) if a.get(k) != b.get(k) and
            k not in ("active", "meta", "_version")]
    return ["%s of %s: %s is %s" % (k, who, a.get(k), b.get(k))
            for k in diff]


def true(st, case, before, who=ANNA, alias=()):
    after = st.state()
    return s.lies(case, after) + s.touched(before, after, [who] + list(
        alias)) + kept(before, after, alias[0] if alias else who) + \
        s.silent(case)


def expect(case, **wanted):
    if case is None:
        return ["there is no case"]
    out = []
    for name, want in wanted.items():
        have = case["status"] if name == "status" else \
            s.states(case).get("directory/" + name)
        if have not in (want if isinstance(want, tuple) else (want,)):
            out.append("%s is %s, not %s: %s" % (name, have, want,
                                                 s.brief(case)))
    return out


ALL = dict.fromkeys(("document", "contain", "revoke", "verify"), "verified")


def right(st, ran, before, who=ANNA, alias=(), **more):
    if ran.json is None:
        return ["no result: %r" % ran]
    return expect(ran.json, **dict(ALL, status="complete", **more)) + true(
        st, ran.json, before, who, alias) + st.audit() + st.leaks()


def said(case):
    return " ".join([st["detail"] for st in s.steps(case).values()] +
                    [t["text"] for t in case["tasks"]])


def again(st, *what):
    return st.run("retry", OB, *what, "--wait", "--json")


# ---- from one end to the other ----

def whole(*how):
    with site() as st:
        before = st.state()
        out = right(st, st.start(ANNA, *how), before)
        if user_of(st.state(), ANNA)["active"] is not False:
            out.append("she is active")
        return out


def the_demo():
    with s.Site(builtin=True, systems=("directory",)) as st:
        before = st.state()
        return right(st, st.start(ANNA), before)


def off_before():
    with site(people(active=False)) as st:
        before = st.state()
        out = right(st, st.start(ANNA), before)
        if [r for r in st.changes() if "/Users/" in r["path"]]:
            out.append("it was changed: %s" % st.changes())
        ran = st.run("restore", OB, "--wait", "--json")
        out += expect(ran.json, restore="verified", status="restored")
        return out + (["she is active now"] if user_of(
            st.state(), ANNA)["active"] else [])


def removal():
    with site(conf=["remove = on"]) as st:
        before = st.state()
        out = right(st, st.start(ANNA), before, remove="verified")
        if user_of(st.state(), ANNA):
            out.append("she is there still")
        ran = st.run("restore", OB, "--wait", "--json")
        return out + expect(ran.json, restore=("failed", "manual"),
                            status="attention") + s.silent(ran.json)


def restored(st, case, _):
    now = user_of(st.state(), ANNA)
    out = s.touched(st.original, st.state(), [ANNA]) + kept(
        st.original, st.state(), ANNA)
    if s.states(case).get("directory/restore") == "verified" and \
            now["active"] is not True:
        out.append("restored, but inactive")
    return out


def offboard_first(st):
    st.original = st.state()
    st.start(ANNA)


def restore(*conf):
    with site(conf=conf) as st:
        offboard_first(st)
        ran = st.run("restore", OB, "--wait", "--json")
        return expect(ran.json, restore="verified", status="restored") + \
            restored(st, ran.json, None) + st.audit() + st.leaks()


def looking():
    with site() as st:
        before, out = st.state(), []
        ran = st.run("plan", ANNA, "--json")
        holds = " ".join(ran.json["systems"][0]["holds"]) if ran.json else ""
        for word in ("active", "Everybody", "Designers"):
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


tap.add("all of it", whole)
tap.add("all of it, an emergency", whole, "--emergency")
tap.add("all of it, with the employee id", whole, "--employee-id", "E-1001")
tap.add("the company of the demo", the_demo)
tap.add("inactive before, and after a restore", off_before)
tap.add("remove = on", removal)
for conf in ((), ("deactivate = put",), ("deactivate = patch_no_path",)):
    tap.add("a restore %s" % "".join(conf), restore, *conf)
tap.add("plan and check change nothing", looking)

# ---- every request and every answer ----

SPARE = ("ServiceProviderConfig", "/Me$", "filter emails", "^PATCH ",
         "^PUT ", "filter userName met by 4[02][02]$")
s.Table("an offboarding", site, ("start", ANNA, "--yes", "--json"), true,
        optional=SPARE).add_to(tap, s.ANSWERS + s.ONCE)
s.Table("an offboarding by PUT", lambda **more: site(
    conf=["deactivate = put"], **more),
    ("start", ANNA, "--yes", "--json"), true, optional=(
        "ServiceProviderConfig", "/Me$", "filter emails", "Groups"),
    only="^PUT|Users/").add_to(tap, [
        a for a in s.ANSWERS if a.text in (
            "400", "401", "403", "409", "500", "a reset", "garbage") or
        a.writes and a.text != "412"])
s.Table("a removal", lambda **more: site(conf=["remove = on"], **more),
        ("start", ANNA, "--yes", "--json"), true, optional=SPARE,
        only="DELETE").add_to(tap, s.ANSWERS)
s.Table("a restore", site, ("restore", OB, "--json"), restored,
        before=offboard_first, optional=SPARE,
        again=("directory/restore",), share=4).add_to(tap, s.ANSWERS)


def looking_at(answer):
    """plan and the doctor meet it, too: they say so and end with 1."""
    more = {"timeout": "500ms"} if answer.kind in s.SLOW else {}
    with site(**more) as st:
        out = []
        for args in (("plan", ANNA), ("check",)):
            st.forget()
            st.run(*args)
            rows = {s.template(r["method"], r["path"]): r
                    for r in st.requests()}
            for i, (text, r) in enumerate(rows.items()):
                if re.search("Provider|/Me$|emails", text) or \
                        not s.is_due(answer, i):
                    continue
                st.fault(answer.kind, "scim", r["method"], r["path"],
                         **answer.more)
                ran = st.run(*args)
                st.heal()
                refused = answer.text in ("400", "422") and "filter" in text
                if ran.status != (0 if refused else 1) or \
                        "directory" not in ran.out:
                    out.append("%s, %s: %r" % (args[0], text, ran))
        return out + st.leaks()


for a in s.ANSWERS:
    if not a.writes and not a.any_end and a.text != "503 with a wait":
        tap.add("plan and the doctor are met by %s" % a.text, looking_at, a)

# ---- all the ways of services ----

WAYS = ("", "patch", "patch_no_path", "put")
# What each of them can be changed by.
ABLE = {"patch": WAYS[1:], "patch_no_path": WAYS[2:], "put": ("put",),
        "ignore": (), "entra": WAYS[1:3], "string_active": WAYS[1:]}


def each(cells, run, threads=4):
    """RUN for each of the cells, several at once, in a few sites."""
    todo, out, lock = list(cells), [], threading.Lock()

    def work():
        st = site()
        try:
            while True:
                with lock:
                    if not todo:
                        return
                    cell = todo.pop()
                st.fresh()
                try:
                    out.extend("%s: %s" % (cell, p) for p in run(st, *cell))
                except Exception as e:
                    out.append("%s: %r" % (cell, e))
        finally:
            st.close()
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    return out


def configured(st, **keys):
    st.write_conf(systems=("directory",), directory=[
        "%s = %s" % pair for pair in keys.items() if pair[1]])


def way(st, style, config, etag, deactivate):
    st.settings(scim_style=style, scim_config=config, scim_etag=etag)
    configured(st, deactivate=deactivate)
    before = st.state()
    ran = st.run("check")
    out = [] if ran.status == 0 else ["check: %r" % ran]
    case = st.stuck("start", ANNA, "--yes", "--json").json
    able = ABLE[style]
    good = deactivate in able if deactivate else "put" in able \
        if config == "no_patch" else bool(able)
    # It denies what it can do, and cannot do what is left.
    maybe = config == "no_patch" and not deactivate and able and not good
    out += true(st, case, before)
    if good:
        out += expect(case, status="complete", **ALL)
    elif not maybe:
        out += expect(case, contain=("failed", "waiting"),
                      verify=("failed", "pending", "waiting"),
                      status=("attention", "running"))
        if "directory" not in s.steps(case)["directory/contain"]["detail"]:
            out.append("the system is not named: " + s.brief(case))
    tried = [r for r in st.changes() if "/Users/" in r["path"]]
    if len(tried) > 3 or (deactivate and {r["method"] for r in tried} - {
            "PUT" if deactivate == "put" else "PATCH"}):
        out.append("tried: %s" % [r["method"] for r in tried])
    return out + st.leaks()


for style in ABLE:
    tap.add("a service that is %s, by every way" % style, each,
            s.thin(itertools.product([style], ("full", "absent", "no_patch"),
                                     (False, True), WAYS)), way,
            12 if style == "ignore" else 4)

WHO = {  # found by: userName, emails, externalId
    ANNA: (True, True, True, "E-1001", ()),
    BOB: (False, True, False, "E-1002", ()),
    CAROL: (False, False, True, "E-1003", ("carol@private.example",))}


def found(st, who, style, filter_, match, number):
    st.settings(scim_style=style, scim_filter=filter_)
    configured(st, match=match)
    name, mail, ext, ident, alias = WHO[who]
    hit = {"": name or mail or (ext and number), "userName": name,
           "emails": mail, "externalId": ext and number}[match]
    before = st.state()
    ran = st.start(who, *(["--employee-id", ident] if number else []))
    if hit:
        return right(st, ran, before, who, alias)
    want = "manual" if match == "externalId" and not number else "absent"
    out = expect(ran.json, status="attention", document=want) + s.silent(
        ran.json) + s.touched(before, st.state(), [])
    if st.changes():
        out.append("it was changed: %s" % st.changes())
    return out


for filter_ in ("normal", "ignored", "substring", "no_emails"):
    tap.add("a search that is %s: who is found by what" % filter_, each,
            s.thin(itertools.product(
                WHO, ("patch", "entra"), [filter_],
                ("", "userName", "emails", "externalId"),
                (False, True))), found)

# ---- who it is ----


def person(who, found_, form=None, settings=(), number="", **wanted):
    with site(form) as st:
        st.settings(**dict(settings))
        before = st.state()
        ran = st.start(who, *(["--employee-id", number] if number else []))
        if found_ == "found":
            return right(st, ran, before, who.lower(), **wanted)
        out = expect(ran.json, **wanted) + true(st, ran.json, before,
                                                who.lower())
        if ran.json["systems"][0]["found"] != found_:
            out.append("found is " + ran.json["systems"][0]["found"])
        if st.changes():
            out.append("it was changed: %s" % st.changes()[:3])
        return out


dave = s.staff("dave.hill", scim={"userName": "Dave.Hill@CORP.example",
                                  "email": "Dave.Hill@CORP.example"})
erin = s.staff("erin.twin", scim={"userName": "etwin", "copies": 2})
quote = s.staff("o'neil", scim={}, first="O")
many = people(fillers=130)
ABSENT = {"document": "absent", "verify": "absent", "status": "attention"}
STOPPED = {"document": "failed", "contain": "failed", "status": "attention"}
for text, who, found_, more, wanted in (
        ("joanna.fields, whose address holds Anna's",
         "joanna.fields" + s.DOMAIN, "found", {}, {}),
        ("Anna, where a search brings parts", ANNA, "found",
         {"settings": {"scim_filter": "substring"}}, {}),
        ("anna.fields2, who has Anna's name", "anna.fields2" + s.DOMAIN,
         "found", {}, {}),
        ("an address asked for in capitals", ANNA.upper(), "found", {}, {}),
        ("an address that stands there in capitals", "dave.hill" + s.DOMAIN,
         "found", {"form": people(dave)}, {}),
        ("an address with a quotation mark", "o'neil" + s.DOMAIN, "found",
         {"form": people(quote)}, {}),
        ("nobody of that address", "no.body" + s.DOMAIN, "absent", {},
         ABSENT),
        ("nobody, where every search brings everybody, on many pages",
         "no.body" + s.DOMAIN, "absent", {"form": many, "settings": {
             "scim_filter": "ignored", "scim_page_max": 7}}, ABSENT),
        ("a part of an address", "fields" + s.DOMAIN, "absent", {}, ABSENT),
        ("two with one address", "erin.twin" + s.DOMAIN, "ambiguous",
         {"form": people(erin)}, STOPPED),
        ("an address and somebody else's employee id", ANNA, "ambiguous",
         {"number": "E-1000"}, STOPPED),
        ("many pages", ANNA, "found", {"form": many, "settings": {
            "scim_filter": "ignored", "scim_page_max": 7}}, {}),
        ("many cursors", ANNA, "found", {"form": many, "settings": {
            "scim_filter": "ignored", "scim_page_max": 7,
            "scim_style": "entra"}}, {}),
        ("pages of one", ANNA, "found", {"settings": {
            "scim_filter": "ignored", "scim_page_max": 1}}, {})):
    tap.add(text, person, who, found_, **dict(wanted, **more))

# ---- others who write at the same time ----


def quicker(times, good):
    """412: the user has changed since it was read; it is read again."""
    with site(conf=["deactivate = put"]) as st:
        st.settings(scim_etag=True)
        before = st.state()
        st.fault("status", "scim", "PUT", "/Users/", status=412, times=times)
        if good:
            out = right(st, st.start(ANNA), before)
            reads = [r["method"] for r in st.requests()
                     if "/Users/5f" in r["path"]]
            return out + ([] if "PUT,GET,PUT" in ",".join(reads) else [
                "not read again: %s" % reads])
        case = st.stuck("start", ANNA, "--yes", "--json").json
        out = expect(case, contain="waiting") + true(st, case, before)
        st.heal()
        return out + right(st, again(st), before)


def changed_between():
    """Somebody gives her a title between our reading and our writing."""
    with site(conf=["deactivate = put"]) as st:
        st.settings(scim_etag=True)
        before = st.state()
        st.fault("delay", "scim", "PUT", "/Users/", ms=400, times=1)
        child = st.popen("start", ANNA, "--yes", "--json", "--wait")
        s.until(5, lambda: any(f["hits"] for f in st.control("/faults")),
                0.005)
        st.change(ANNA, system="scim", set={"title": "Director"})
        ran = st.run_end(child)
        user = user_of(st.state(), ANNA)
        out = expect(ran.json, status="complete", **ALL)
        if user["title"] != "Director":
            out.append("the title is %s again" % user["title"])
        return out + s.touched(before, st.state(), [ANNA])


tap.add("somebody else is quicker, once", quicker, 1, True)
tap.add("somebody else is quicker, twice", quicker, 2, True)
tap.add("somebody else is always quicker", quicker, 0, False)
tap.add("what somebody else wrote in between stays", changed_between)

def failed_for_good():
    """What waits for the containment does not wait for one that failed."""
    with site(conf=["deactivate = patch"]) as st:
        st.settings(scim_style="put")
        before = st.state()
        case = st.stuck("start", ANNA, "--yes", "--json").json
        out = expect(case, contain="failed", revoke="manual",
                     verify="failed", status="attention") + true(
            st, case, before)
        sent = [r for r in st.changes() if "/Groups/" in r["path"]]
        return out + ([] if len(sent) <= 4 else [
            "%d changes of groups were asked for" % len(sent)])


tap.add("groups of a user who cannot be made inactive", failed_for_good)

# ---- groups, of a service that lets them be changed ----


class Service(http.server.BaseHTTPRequestHandler):
    """One user in three groups; MODE is how it takes a change of them."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, body=None):
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/scim+json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def user(self):
        h = self.server
        return {"id": "u-1", "userName": ANNA, "active": h.active,
                "groups": [{"value": g, "display": "Group " + g}
                           for g in h.groups] + [
                    {"value": "far", "display": "Far", "type": "indirect"}]}

    def do_GET(self):
        if "/Users/u-1" in self.path:
            self.say(200, self.user())
        elif "/Users?" in self.path:
            self.say(200, {"totalResults": 1, "Resources": [self.user()]})
        else:
            self.say(404, {"status": "404"})

    def do_PATCH(self):
        h = self.server
        body = json.loads(self.rfile.read(int(
            self.headers["Content-Length"])))
        h.seen.append((self.path, body))
        op = body["Operations"][0]
        if "/Users/" in self.path:
            h.active = bool(op["value"])
            return self.say(200, self.user())
        group = self.path.rsplit("/", 1)[1]
        status = h.mode.get(group, h.mode.get("*", 204))
        if status == 204:
            if op["op"] == "add":
                h.groups.append(group)
            elif group in h.groups:
                h.groups.remove(group)
        return self.say(204 if status == "ignored" else status,
                        None if status in (204, "ignored") else
                        {"status": str(status), "detail": "as told"})


def groups(mode, state, left, word=""):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.mode, server.active, server.seen = mode, True, []
    server.groups = ["g1", "g2", "g3"]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with site(conf=["url = http://127.0.0.1:%d/scim/v2" %
                        server.server_port]) as st:
            case = st.stuck("start", ANNA, "--yes", "--json").json
            out = expect(case, contain="verified", revoke=state) + \
                s.silent(case)
            if sorted(server.groups) != left:
                out.append("she is in %s" % server.groups)
            if word and word not in said(case):
                out.append("%r is not said: %s" % (word, said(case)))
            for path, body in server.seen:
                op = body["Operations"][0]
                if "/Groups/" in path and (
                        op["op"] != "remove" or op.get("path") !=
                        'members[value eq "u-1"]' or "value" in op):
                    out.append("it asked %s for %s" % (path, body))
            if any(p.endswith("/far") for p, _ in server.seen):
                out.append("it was taken out of an indirect group")
            server.mode = {}
            if s.states(case)["directory/revoke"] != "verified":
                case = again(st).json
                out += expect(case, revoke="verified", verify="verified")
            ran = st.run("restore", OB, "--wait", "--json")
            out += expect(ran.json, restore="verified", status="restored")
            if sorted(server.groups) != ["g1", "g2", "g3"]:
                out.append("restored, but in %s" % server.groups)
            return out + st.leaks()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


G = ["g1", "g2", "g3"]
for text, mode, state, left, word in (
        ("lets them be changed", {}, "verified", [], ""),
        ("knows no change of groups", {"*": 405}, "verified", G, "stay"),
        ("has not made it", {"*": 501}, "verified", G, "stay"),
        ("refuses one for its kind", {"g2": 400}, "verified", ["g2"],
         "Group g2"),
        ("forbids one", {"g2": 403}, "manual", ["g2"], "Group g2"),
        ("forbids all", {"*": 403}, "manual", G, "Group g3"),
        ("knows nothing of one", {"g2": 404}, ("verified", "manual",
                                               "waiting"), ["g2"], ""),
        ("says yes and does nothing", {"*": "ignored"}, "waiting", G,
         "directory"),
        ("says yes to one and does nothing", {"g2": "ignored"}, "waiting",
         ["g2"], "directory"),
        ("fails with one", {"g2": 500}, "waiting", ["g2"], "directory"),
        ("refuses our token for one", {"g1": 401}, "failed", G,
         "directory")):
    tap.add("groups of a service that %s" % text, groups, mode, state, left,
            word)

# ---- coming back ----


def look_again(st):
    due = st.case()["recheck_at"]
    s.until(5, lambda: time.strftime(
        "%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 1)) >= due[:19])
    st.run("run", "--until-idle")
    return st.case()


def back(contain):
    with site(offboard=["recheck_after = 1s, 1h"] + (
            ["recheck = contain"] if contain else [])) as st:
        out = expect(st.start(ANNA).json, status="complete")
        before = st.state()
        st.change(ANNA, system="scim", enabled=True)
        case = look_again(st)
        if contain:
            return out + expect(case, recheck="verified",
                                status="complete") + true(st, case, before)
        out += expect(case, recheck="failed", status="attention")
        if "active again" not in said(case):
            out.append("it is not said: " + said(case))
        if not user_of(st.state(), ANNA)["active"]:
            out.append("it was ended though only a report was wanted")
        ran = again(st, "directory")
        return out + expect(ran.json, contain="verified",
                            verify="verified") + true(st, ran.json, before)


def new_id(old_stays):
    """Somebody else at the old address: a finding, and left alone."""
    with site(offboard=["recheck_after = 1s, 1h",
                        "recheck = contain"]) as st:
        out = expect(st.start(ANNA).json, status="complete")
        state = st.state()
        state.pop("doors")
        users = state["scim"]["users"]
        old = user_of(state, ANNA)
        new = dict(old, id="5f0e3a10-0000-4000-8000-000000000099",
                   active=True)
        if old_stays:
            old.update(userName="left.long.ago", emails=[])
        else:
            users.pop(old["id"])
        users[new["id"]] = new
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


tap.add("a user who is active again is reported", back, False)
tap.add("a user who is active again is made inactive", back, True)
tap.add("a new id at the old address, the old one renamed", new_id, True)
tap.add("a new id at the old address, the old one deleted", new_id, False)


def id_taken_over():
    """The recorded id carries somebody else's address now: not touched."""
    with site() as st:
        st.fault("status", "scim", "PATCH", "/Users/", status=503)
        st.fault("status", "scim", "PUT", "/Users/", status=503)
        st.stuck("start", ANNA, "--yes", "--json")
        st.heal()
        st.change(ANNA, system="scim", set={
            "userName": "new.person" + s.DOMAIN, "emails": [],
            "externalId": "E-7777"})
        before = st.state()
        st.forget()
        case = again(st).json
        out = expect(case, contain="failed", status="attention")
        if st.changes():
            out.append("it was changed: %s" % st.changes())
        return out + s.touched(before, st.state(), [])


tap.add("the recorded id is somebody else's by now", id_taken_over)

if __name__ == "__main__":
    sys.exit(tap.main())
