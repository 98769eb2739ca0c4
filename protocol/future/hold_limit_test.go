package future

import (
	"fmt"
	"slices"
	"testing"
)

const day = 86400000

// tooLong are the ways servers said that a timeout is above their limit
// (wire.md §2.2, §2.3, §8), and what is asked for next after one of 10 days.
var tooLong = []struct {
	name string
	reply
	next float64
}{
	{"June 2024, in prose", prose(400, "M_UNKNOWN", "The timeout must be at most 604800000 ms"), 604800000},
	{"24 June 2024", errcode(400, "M_FUTURE_MAX_TIMEOUT_EXCEEDED"), day},
	{"July 2024", reply{status: 400, body: message{"errcode": "M_FUTURE_MAX_DELAY_EXCEEDED", "max_delay": day}}, day},
	{"later in 2024", reply{status: 400, body: message{"errcode": "M_MAX_DELAY_EXCEEDED", "max_delay": 60000}}, 60000},
	{
		"2024 on the wire",
		reply{status: 400, body: message{
			"errcode": "M_UNKNOWN", "org.matrix.msc4140.errcode": "M_MAX_DELAY_EXCEEDED", "org.matrix.msc4140.max_delay": day,
		}},
		day,
	},
	{
		"February 2026",
		reply{status: 400, body: message{"errcode": "ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED", "org.matrix.msc4140.max_delay": day}},
		day,
	},
	{"May 2026", errcode(400, "M_INVALID_PARAM"), day},
	{"Synapse 1.157", prose(403, "M_FORBIDDEN", "The requested delay (864000000ms) exceeds the allowed maximum (86400000ms)"), day},
	{"Synapse without a number", errcode(403, "M_FORBIDDEN"), day},
	{"the merged MSC", prose(400, "M_DELAY_TOO_LARGE", "The requested delay (864000000ms) exceeds the allowed maximum (86400000ms)"), day},
	{"the merged MSC, unstable", errcode(400, "ORG.MATRIX.MSC4140_DELAY_TOO_LARGE"), day},
	{"a number that is the delay itself", prose(403, "M_FORBIDDEN", "864000000 is too long"), day},
}

func prose(status int, code, text string) reply {
	return reply{status: status, body: message{"errcode": code, "error": text}}
}

// long is a hold of ten days.
func (p *page) long(options ...any) int32 {
	p.t.Helper()
	return p.hold(append([]any{"timeoutMs", 10 * day}, options...)...)
}

func TestTooLongATimeoutIsShortenedInEveryKnownForm(t *testing.T) {
	for _, test := range tooLong {
		t.Run(test.name, func(t *testing.T) {
			inFamilies(t, func(p *page) {
				call := p.long()
				s := p.of("schedule")
				answer := test.reply
				if text, ok := answer.body["error"].(string); ok { // a host relays the prose as its own
					answer.response = message{"error": message{"message": text, "matrix_api_error": message{
						"http_status": answer.status, "response": answer.body,
					}}}
				}
				p.reply(s, answer)
				p.sees("schedule, schedule")
				if got := p.of("schedule").ms; got != test.next {
					p.t.Fatalf("asks for %v, want %v", got, test.next)
				}
				p.grant("schedule", "state", "refresh")
				p.succeeds(call)
				k := p.stands(call, "held")
				if k.timeout != test.next || k.armed[0]["timeoutMs"] != test.next || k.expiresAt != p.now.Wall+test.next {
					p.t.Fatalf("kept %v, armed %v", k.last, k.armed)
				}
				p.seen = len(p.sent)
				p.run(test.next, p.willing)
				if n := len(p.news("refresh")); n != 4 {
					p.t.Fatalf("%d refreshes in what is in force", n)
				}
			})
		})
	}
}

func TestShorteningEndsAfterFourAttempts(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.long()
		var asked []float64
		p.run(60000, func(s *sent) *reply {
			asked = append(asked, s.ms)
			r := errcode(403, "M_FORBIDDEN")
			return &r
		})
		if fmt.Sprint(asked) != fmt.Sprint([]float64{10 * day, day, day / 10, 5000}) {
			p.t.Fatalf("asked for %v", asked) // the last of them is the least there is
		}
		p.fails(call, "matrix", "no")
		p.gaveUp(call)
	})
}

func TestHintInProseThatProvesWrongIsNotTakenTwice(t *testing.T) {
	inFamilies(t, func(p *page) {
		p.long()
		var asked []float64
		p.run(60000, func(s *sent) *reply {
			if asked = append(asked, s.ms); len(asked) < 3 {
				r := prose(403, "M_FORBIDDEN", "room 700000000 says no")
				return &r
			}
			return p.willing(s)
		})
		if len(asked) < 3 || asked[0] != 10*day || asked[2] >= asked[1] || asked[2] < 5000 {
			p.t.Fatalf("asked for %v", asked)
		}
	})
}

func TestTimeoutIsNeverShortenedBelowFiveSeconds(t *testing.T) {
	for asked, want := range map[float64][]float64{
		40000: {40000, 5000}, 5000: {5000}, 4000: {4000}, 5001: {5001, 5000}, 300000: {300000, 30000, 5000},
	} {
		inFamilies(t, func(p *page) {
			call := p.hold("timeoutMs", asked)
			var got []float64
			p.run(60000, func(s *sent) *reply {
				got = append(got, s.ms)
				r := errcode(400, "M_MAX_DELAY_EXCEEDED")
				return &r
			})
			if fmt.Sprint(got) != fmt.Sprint(want) {
				p.t.Fatalf("asked for %v, want %v", got, want)
			}
			p.fails(call, "matrix", "")
			p.gaveUp(call)
		})
	}
}

func TestLimitBelowTheFloorIsAFailure(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.hold()
		limit := reply{status: 400, body: message{"errcode": "M_MAX_DELAY_EXCEEDED", "max_delay": 1000}}
		p.run(60000, func(*sent) *reply { return &limit })
		for _, s := range p.sent {
			if s.ms < 5000 {
				p.t.Fatalf("asked for %v", s.ms)
			}
		}
		p.fails(call, "matrix", "")
		p.gaveUp(call)
	})
}

func TestShortenedTimeoutIsRefreshedInTimeWhateverThePageSaid(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.hold("refreshMs", 20000)
		p.refuse("schedule", reply{status: 400, body: message{"errcode": "M_MAX_DELAY_EXCEEDED", "max_delay": 10000}})
		p.grant("schedule", "state", "refresh")
		p.seen = len(p.sent)
		p.run(60000, p.willing)
		if k := p.stands(call, "held"); slices.Contains(k.log, "atRisk") || len(p.news("refresh")) < 7 {
			p.t.Fatalf("statuses %v, sent %s", k.log, p.script(p.seen))
		}
	})
}

func TestTimeoutThatWasShortenedStaysShortWhenArmedAnew(t *testing.T) {
	inFamilies(t, func(p *page) {
		p.hold()
		p.refuse("schedule", reply{status: 400, body: message{"errcode": "M_MAX_DELAY_EXCEEDED", "max_delay": 10000}})
		p.grant("schedule", "state", "refresh")
		p.reply(p.until("refresh"), spent)
		if got := p.of("schedule").ms; got != 10000 {
			p.t.Fatalf("asks for %v", got)
		}
	})
}

func TestRefusalsThatAreNoMatterOfTimeAreNotShortened(t *testing.T) {
	for name, answer := range map[string]reply{
		"off, until 1.156": {status: 400, body: message{"errcode": "M_UNKNOWN", "org.matrix.msc4140.errcode": "M_MAX_DELAY_UNSUPPORTED"}},
		"unknown endpoint": errcode(404, "M_UNRECOGNIZED"),
		"unknown room":     errcode(404, "M_NOT_FOUND"),
	} {
		t.Run(name, func(t *testing.T) {
			inFamilies(t, func(p *page) {
				call := p.long()
				p.run(1000, func(*sent) *reply { return &answer })
				p.sees("schedule")
				if o := p.ended[call]; o.ok || o.code() != "matrix" && o.code() != "unsupported" {
					p.t.Fatalf("ended with %v", o)
				}
				p.gaveUp(call)
			})
		})
	}
}

func TestHoldWithoutAFutureJoinsAfterTheLastAttempt(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.long("withoutFuture", true)
		forbidden := errcode(403, "M_FORBIDDEN")
		p.run(60000, p.but("schedule", &forbidden))
		if n := len(p.news("schedule")); n > 4 || len(p.news("state")) != 2 { // once more for a page before this one
			p.t.Fatalf("sent %s", p.script(0))
		}
		p.succeeds(call)
		if k := p.stands(call, "held"); len(k.armed) > 0 {
			p.t.Fatalf("armed %v", k.armed)
		}
	})
}

func TestTooManyScheduledEventsAreWaitedForInEveryKnownForm(t *testing.T) {
	for name, answer := range map[string]reply{
		"2024":         {status: 400, body: message{"errcode": "M_UNKNOWN", "org.matrix.msc4140.errcode": "M_MAX_DELAYED_EVENTS_EXCEEDED"}},
		"January 2026": errcode(403, "M_RESOURCE_LIMIT_EXCEEDED"),
		"Synapse":      {status: 429, body: message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 4000}},
	} {
		t.Run(name, func(t *testing.T) {
			inFamilies(t, func(p *page) {
				call := p.hold()
				p.refuse("schedule", answer)
				p.sees("schedule")
				if got := p.until("schedule").ms; got != timeout {
					p.t.Fatalf("asks for %v", got)
				}
				p.grant("schedule", "state", "refresh")
				p.stands(call, "held")
			})
			inFamilies(t, func(p *page) {
				call := p.hold()
				p.run(10000, p.but("schedule", &answer))
				p.fails(call, "matrix", "")
				p.gaveUp(call)
				call = p.hold("withoutFuture", true, "stateKey", "b")
				p.run(20000, p.but("schedule", &answer))
				p.succeeds(call)
			})
		})
	}
}
