package future

import (
	"fmt"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// verbErrors are the ends of a refresh that hosts and homeservers of all
// generations were seen to give (wire.md §2.3, §2.5, §4.4), and what follows.
var verbErrors = []struct {
	name string
	reply
	then string // retry, wait, gone, or the code of a final failure
	wait float64
	ways string // "": both
}{
	{"rate limit with a header", reply{status: 429, wait: "3", body: message{"errcode": "M_LIMIT_EXCEEDED"}}, "wait", 3000, "delayed"},
	{
		"rate limit with both",
		reply{status: 429, wait: "3", body: message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2000}},
		"wait", 3000, "delayed",
	},
	{"rate limit with retry_after_ms", reply{status: 429, body: message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2000}}, "wait", 2000, ""},
	{"rate limit that says no time", errcode(429, "M_LIMIT_EXCEEDED"), "wait", 5000, ""},
	{"rate limit longer than a period", reply{status: 429, body: message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 14000}}, "wait", 14000, ""},
	{"rate limit of a proxy", reply{status: 429}, "wait", 5000, ""},

	{"unknown id", errcode(404, "M_NOT_FOUND"), "gone", 0, ""},
	{"conflict", errcode(409, "M_UNKNOWN"), "gone", 0, ""},
	{"conflict without errcode", reply{status: 409}, "gone", 0, ""},
	{"spent token", errcode(410, "M_UNKNOWN"), "gone", 0, ""},
	{"spent token without errcode", reply{status: 410}, "gone", 0, ""},

	{"unknown endpoint", errcode(404, "M_UNRECOGNIZED"), "stays", 0, ""},
	{"wrong method", errcode(405, "M_UNRECOGNIZED"), "stays", 0, ""},
	{"no login", errcode(401, "M_MISSING_TOKEN"), "stays", 0, ""},
	{"stale login", errcode(401, "M_UNKNOWN_TOKEN"), "stays", 0, ""},
	{"forbidden", errcode(403, "M_FORBIDDEN"), "matrix", 0, ""},

	{"bad request", errcode(400, "M_UNKNOWN"), "retry", 0, ""},
	{"missing parameter", errcode(400, "M_MISSING_PARAM"), "retry", 0, ""},
	{"a 404 of no homeserver", reply{status: 404}, "retry", 0, ""},
	{"a 405 of no homeserver", reply{status: 405}, "retry", 0, ""},
	{"internal error", errcode(500, "M_UNKNOWN"), "retry", 0, ""},
	{"bad gateway", reply{status: 502}, "retry", 0, ""},
	{"unavailable", errcode(503, "M_UNKNOWN"), "retry", 0, ""},
	{"gateway timeout", reply{status: 504}, "retry", 0, ""},
	{"no detail", reply{status: 0}, "retry", 0, ""},
	{"not readable by the page", reply{status: -1}, "retry", 0, "futures"},
	{"no object", reply{response: "x"}, "retry", 0, "delayed"},
	{"rate limit of a rust host", errcode(400, "M_LIMIT_EXCEEDED"), "", 0, ""},
}

// keeping are the two that refresh, each from where its refresh is acknowledged.
var keeping = []struct {
	name string
	good string
	of   func(p *page) int32
}{
	{"keepAlive", "alive", func(p *page) int32 { return p.keepAlive("sec1", timeout) }},
	{"hold", "held", func(p *page) int32 { return p.held() }},
}

// inKeeping runs a test for both of them in both families.
func inKeeping(t *testing.T, test func(p *page, call int32, good string)) {
	t.Helper()
	for _, k := range keeping {
		t.Run(k.name, func(t *testing.T) {
			inFamilies(t, func(p *page) { test(p, k.of(p), k.good) })
		})
	}
}

func TestEveryKnownErrorOfARefreshIsRetriedOrEndsItByItsKind(t *testing.T) {
	for _, e := range verbErrors {
		t.Run(e.name, func(t *testing.T) {
			inKeeping(t, func(p *page, call int32, good string) {
				if e.ways != "" && p.c.Dialect().String() != e.ways {
					return
				}
				p.until("refresh")
				p.seen = len(p.sent)
				p.refuse("refresh", e.reply)
				k, at := p.keeps[call], p.now.Mono
				switch e.then {
				case "retry", "wait", "":
					p.stands(call, "atRisk")
					p.until("refresh")
					waited := p.now.Mono - at
					switch e.then {
					case "wait":
						p.between("the wait", waited, e.wait, e.wait*1.25)
					case "retry":
						p.between("the retry", waited, 4000, 10000)
					}
					p.grant("refresh")
					p.stands(call, good)
					p.sees("refresh sec1")
				case "stays": // what the next request may be granted ends nothing before it has stayed for a timeout
					p.stands(call, "atRisk")
					p.reply(p.until("refresh"), ok200)
					p.stands(call, good)
					p.run(timeout, p.but("refresh", &e.reply))
					if k.status() == "failed" {
						p.t.Fatalf("failed after %v", p.now.Mono-at)
					}
					p.run(timeout/2, p.but("refresh", &e.reply))
					p.stands(call, "failed")
					if code := k.failed(); code != "matrix" && code != "unsupported" || k.last["errcode"] != e.body["errcode"] {
						p.t.Fatalf("failed with %v", k.last)
					}
				case "gone":
					if good == "held" {
						p.sees("schedule")
						p.stands(call, "lost")
						return
					}
					p.ends(call, "lost")
					if k.failed() != "spent" {
						p.t.Fatalf("lost with %v", k.last)
					}
					p.run(5*timeout, silent)
					p.sees("")
				default:
					p.stands(call, "failed")
					if k.failed() != e.then || k.last["httpStatus"] != float64(e.status) || k.last["errcode"] != e.body["errcode"] {
						p.t.Fatalf("failed with %v", k.last)
					}
					if k.over != (good == "alive") {
						p.t.Fatalf("over: %v", k.over)
					}
					p.run(5*timeout, silent)
					p.sees("")
				}
			})
		})
	}
}

func TestRefreshThatIsNeverAnsweredIsRetriedAsPlanned(t *testing.T) {
	inKeeping(t, func(p *page, call int32, good string) {
		first := p.until("refresh")
		first.answered = true
		p.between("the next", p.until("refresh").at.Mono-first.at.Mono, 3000, 10000)
		p.grant("refresh")
		p.stands(call, good)
	})
}

func TestEachFastFailureIsRetriedWithinAPeriod(t *testing.T) {
	inKeeping(t, func(p *page, call int32, good string) {
		bad := reply{status: 502}
		p.until("refresh")
		p.seen = len(p.sent) - 1
		p.run(30000, p.but("refresh", &bad))
		at := times(p.news("refresh"))
		for i := range at[1:] {
			p.between("a retry", at[i+1]-at[i], 4000, 10000)
		}
		if len(at) < 5 {
			p.t.Fatalf("%d refreshes", len(at))
		}
	})
}

func TestWaitingNeverLosesTheFuture(t *testing.T) {
	for _, told := range []float64{30000, 60000, 3600000, 1e300} {
		inKeeping(t, func(p *page, call int32, good string) {
			limited := reply{status: 429, body: message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": told}}
			p.reply(p.until("refresh"), limited)
			left := p.keeps[call].expiresAt - p.now.Wall
			at := p.now.Mono
			p.until("refresh")
			p.between(fmt.Sprintf("told %v the wait", told), p.now.Mono-at, min(told, left-timeout/8-timeout/20), left-timeout/8)
			p.grant("refresh")
			p.stands(call, good)
		})
	}
}

func TestRateLimitHoldsTheWholeKeepAliveBack(t *testing.T) {
	inKeeping(t, func(p *page, call int32, good string) {
		slow := p.until("refresh")
		slow.answered = true // by nobody yet
		second := p.until("refresh")
		p.skip(100)
		p.reply(second, reply{status: 429, body: message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 9000}})
		slow.answered = false
		p.reply(slow, reply{status: 502}) // says less than the server's own word
		p.seen = len(p.sent)
		p.pass(8999)
		p.sees("")
		p.until("refresh")
	})
}

func TestErrorsOfAKeepAliveTellNoSecretAndTheHostsOwnWords(t *testing.T) {
	p := trusted(t, protocol.Delayed)
	call := p.keepAlive("sec7", timeout, "expiresAt", nil)
	p.refuse("refresh", errcode(403, "M_FORBIDDEN"))
	if k := p.ends(call, "failed"); k.last["message"] != "no" || k.last["action"] != updateAction {
		t.Fatalf("failed with %v", k.last)
	}
}
