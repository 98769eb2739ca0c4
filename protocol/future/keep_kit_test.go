package future

import (
	"math"
	"regexp"
	"slices"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// standing is what the page knows of a keepAlive or a hold.
type standing struct {
	kind               CallKind
	log                []string // statuses, as they changed
	expiresAt, timeout float64
	last               message // of the latest Kept
	armed              []message
	over               bool
}

func (k *standing) status() string {
	if len(k.log) == 0 {
		return ""
	}
	return k.log[len(k.log)-1]
}

// keepEffect takes the effects of keepAlives and holds, and checks that their
// call numbers live once.
func (p *page) keepEffect(e session.Effect, fields message) {
	p.t.Helper()
	switch e.Op {
	case session.Beacon:
		p.sent = append(p.sent, &sent{what: "beacon", url: fields["url"].(string), at: p.now, answered: true})
		return
	case session.Steady:
		if e.ID&^1 != 0 || p.steady == (e.ID == 1) {
			p.t.Fatalf("steady %d while it is %v", e.ID, p.steady)
		}
		p.steady = e.ID == 1
		p.codec.Watching = p.steady
		return
	case session.Kept, session.Armed, session.Over:
	default:
		p.t.Fatalf("unknown effect %d", e.Op)
	}
	k := p.keeps[e.ID]
	if k == nil || k.over {
		p.t.Fatalf("effect %d of call %d, which is over: %v", e.Op, e.ID, fields)
	}
	switch e.Op {
	case session.Kept:
		p.keptEffect(k, fields)
	case session.Armed:
		if k.kind != HoldState || !finite(fields["expiresAt"]) || !finite(fields["timeoutMs"]) ||
			fields["roomId"] == nil && p.c.cfg.RoomID.Kind == protocol.Text {
			p.t.Fatalf("armed %v", fields)
		}
		k.armed = append(k.armed, fields)
	case session.Over:
		k.over = true
		if p.open[e.ID] != "" {
			p.t.Fatalf("call %d is over before it was settled", e.ID)
		}
		p.free(e.ID)
	}
}

func (p *page) keptEffect(k *standing, fields message) {
	p.t.Helper()
	number, ok := fields["status"].(float64)
	if !ok || number != math.Trunc(number) || number < 0 || int(number) >= len(KeepStatuses()) {
		p.t.Fatalf("kept without a status: %v", fields)
	}
	status := KeepStatuses()[int(number)]
	switch old := k.status(); {
	case old == status:
	case slices.Contains([]string{"displaced", "released", "stopped"}, old), old == "failed" && status != "released":
		p.t.Fatalf("%s after %s", status, old)
	case k.kind == KeepAlive && (old == "lost" || slices.Contains([]string{"starting", "held", "displaced", "released"}, status)),
		k.kind == HoldState && (status == "alive" || status == "stopped"):
		p.t.Fatalf("kind %d is %s after %s", k.kind, status, old)
	}
	if k.status() != status {
		k.log = append(k.log, status)
	}
	k.last = fields
	k.expiresAt, _ = fields["expiresAt"].(float64)
	k.timeout, _ = fields["timeoutMs"].(float64)
}

func finite(v any) bool {
	n, ok := v.(float64)
	return ok && !math.IsNaN(n) && !math.IsInf(n, 0)
}

// secrets are the delay ids and tokens of these tests.
var secrets = regexp.MustCompile(`sec\d`)

// discreet checks that a secret is told where it is needed and nowhere else.
func (p *page) discreet(op session.Op, fields message) {
	p.t.Helper()
	switch op {
	case session.Armed, session.Settle, session.Orphaned, session.HTTP, session.Beacon, session.Deliver:
		return
	case session.Post:
		fields = with(fields["data"].(message), "delay_id", nil)
	}
	if text := compact(fields); secrets.MatchString(text) {
		p.t.Fatalf("effect %d tells a secret: %s", op, text)
	}
}

// handles lists the values that fields only stand for.
func handles(fields []protocol.Field) (list []int32) {
	for _, f := range fields {
		if (f.Kind == protocol.Opaque || f.Kind == protocol.Kept) && f.ID > 0 {
			list = append(list, f.ID)
		}
	}
	return list
}

// forget marks values as gone, as the border does when their input or their
// call is over.
func (p *page) forget(handles []int32) {
	for _, handle := range handles {
		p.stale[handle] = true
	}
}

func (p *page) free(call int32) {
	p.forget(p.owned[call])
	delete(p.owned, call)
}

// unsettled asserts that a call has not ended.
func (p *page) unsettled(call int32) {
	p.t.Helper()
	if o, ended := p.ended[call]; ended {
		p.t.Fatalf("call %d has ended with %v", call, o)
	}
}

// happens tells of what happened to the page.
func (p *page) happens(e PageEvent) {
	p.t.Helper()
	p.c.Reset()
	p.c.Page(p.now, e)
	p.drain()
}

// trusted is a page whose host may be asked for futures at once, with a
// homeserver for tokens.
func trusted(t testing.TB, dialect protocol.Dialect, more ...func(*Config)) *page {
	t.Helper()
	p := negotiated(t, dialect, everything, append(more, withServer)...)
	if !dialect.Tokens() {
		p.call(SendFuture, future(1000))
		p.answerProbe()
		p.answer("send_event", message{"room_id": room, "delay_id": "first"})
	}
	p.sent, p.seen, p.events, p.ended = nil, 0, nil, map[int32]outcome{}
	return p
}

// families are the two ways that verbs go.
var families = []protocol.Dialect{protocol.Delayed, protocol.Futures}

// inFamilies runs a test in both.
func inFamilies(t *testing.T, test func(p *page)) {
	t.Helper()
	for _, dialect := range families {
		t.Run(dialect.String(), func(t *testing.T) { test(trusted(t, dialect)) })
	}
}

// inHeld runs a test in both, with a hold that is held.
func inHeld(t *testing.T, test func(p *page, call int32)) {
	t.Helper()
	inFamilies(t, func(p *page) { test(p, p.held()) })
}

// saved is a running future as the page holds it.
func (p *page) saved(id string, timeoutMs float64) message {
	m := message{
		"dialect": p.c.Dialect().String(), "roomId": room, "timeoutMs": timeoutMs, "expiresAt": p.now.Wall + timeoutMs,
	}
	if !p.c.Dialect().Tokens() {
		return with(m, "delayId", id)
	}
	return with(m, "sendToken", id+"-send", "cancelToken", id+"-cancel", "refreshToken", id+"-refresh")
}

// keepAlive keeps a future alive that was refreshed just now.
func (p *page) keepAlive(id string, timeoutMs float64, options ...any) int32 {
	p.t.Helper()
	return p.call(KeepAlive, with(p.saved(id, timeoutMs), options...))
}

// stands asserts how a keepAlive or hold stands.
func (p *page) stands(call int32, status string) *standing {
	p.t.Helper()
	k := p.keeps[call]
	if k.status() != status {
		p.t.Fatalf("it is %q after %v, want %q; last %v", k.status(), k.log, status, k.last)
	}
	return k
}

// gaveUp asserts that a hold ended without ever having begun.
func (p *page) gaveUp(call int32) {
	p.t.Helper()
	if k := p.keeps[call]; !k.over || k.status() != "" && k.status() != "starting" && k.status() != "failed" || p.open[call] != "" {
		p.t.Fatalf("over %v after %v; sent %s", k.over, k.log, p.script(0))
	}
}

// ends asserts how one has ended.
func (p *page) ends(call int32, status string) *standing {
	p.t.Helper()
	k := p.stands(call, status)
	if !k.over {
		p.t.Fatalf("its number is not free after %v; sent %s", k.log, p.script(0))
	}
	return k
}

// released asserts that a hold has ended in "left" and has told so.
func (p *page) released(call, release int32) {
	p.t.Helper()
	p.succeeds(release)
	p.ends(call, "released")
}

// recovers asserts that a hold is soon held again.
func (p *page) recovers(call int32) *standing {
	p.t.Helper()
	p.run(1000, p.willing)
	return p.stands(call, "held")
}

// rests asserts that nothing is sent any more.
func (p *page) rests() {
	p.t.Helper()
	p.seen = len(p.sent)
	p.run(5*timeout, p.willing)
	p.sees("")
}

// between asserts that a time lies in a span, both ends included.
func (p *page) between(what string, got, from, to float64) {
	p.t.Helper()
	if got < from-0.01 || got > to+0.01 {
		p.t.Fatalf("%s: %v, want %v to %v", what, got, from, to)
	}
}

// spec is a hold as a page asks for it, with what the shim adds.
func spec(options ...any) message {
	return with(message{
		"type": member, "stateKey": key, "content": message{"n": 1}, "leaveContent": message{}, "timeoutMs": timeout,
	}, options...)
}

// stages are what of a start was answered when something comes between.
var stages = [][]string{nil, {"schedule"}, {"schedule", "state"}}

func (p *page) hold(options ...any) int32 {
	p.t.Helper()
	return p.call(HoldState, spec(options...))
}

// held is a hold whose state is in the room, verified and protected by future 1.
func (p *page) held(options ...any) int32 {
	p.t.Helper()
	call := p.hold(options...)
	p.grant("schedule", "state", "refresh")
	p.succeeds(call)
	p.stands(call, "held")
	p.seen = len(p.sent)
	return call
}

// future is the id of the hold's latest future.
func (k *standing) future() string {
	return regexp.MustCompile(`sec\d+`).FindString(compact(k.armed[len(k.armed)-1]))
}

// failed is the code of the error that a status came with.
func (k *standing) failed() string {
	n, _ := k.last["code"].(float64)
	return protocol.Code(n).String()
}
