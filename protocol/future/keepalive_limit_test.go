package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func limit(ms float64) reply {
	return reply{status: 429, body: message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": ms}}
}

// A homeserver limits a user, not a future: four keepers that each come back on
// their own starve each other (Synapse's rc_delayed_event_mgmt).
func TestRateLimitOfOneHoldsAllOfThePageBack(t *testing.T) {
	inFamilies(t, func(p *page) {
		for _, id := range []string{"sec1", "sec2", "sec3"} {
			p.keepAlive(id, timeout)
		}
		p.reply(p.until("refresh"), limit(6000))
		p.seen = len(p.sent)
		p.run(5999, p.willing)
		p.sees("")
		p.run(10000, p.willing)
		if n := len(p.news("refresh")); n < 3 {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
	})
}

func TestAfterARateLimitTheNearestToItsEndGoesFirstAndOneAtATime(t *testing.T) {
	inFamilies(t, func(p *page) {
		p.keepAlive("sec3", timeout, "expiresAt", p.now.Wall+timeout-2000)
		p.keepAlive("sec1", timeout, "expiresAt", p.now.Wall+timeout-6000)
		p.keepAlive("sec2", timeout, "expiresAt", p.now.Wall+timeout-4000)
		p.reply(p.until("refresh"), limit(15000))
		p.seen = len(p.sent)
		for _, id := range []string{"sec1", "sec2", "sec3"} {
			if s := p.until("refresh"); s.id != id {
				p.t.Fatalf("sent %s", p.script(p.seen))
			}
			p.skip(50)
			p.tick()
			if len(p.news("refresh")) != 1 {
				p.t.Fatalf("sent %s", p.script(p.seen))
			}
			p.grant("refresh")
			if p.pending("refresh") == nil {
				p.seen = len(p.sent)
			} else {
				p.seen = len(p.sent) - 1
			}
		}
	})
}

func TestKeeperThatWouldLoseItsFutureDoesNotWaitForALimit(t *testing.T) {
	inFamilies(t, func(p *page) {
		calls := []int32{p.keepAlive("sec1", timeout), p.keepAlive("sec2", timeout)}
		limited, refused := limit(3600000), false
		p.run(3*timeout, func(s *sent) *reply {
			if s.id == "sec1" && !refused {
				refused = true
				return &limited
			}
			return p.willing(s)
		})
		for _, call := range calls {
			for _, status := range p.keeps[call].log {
				if status == "maybeExpired" || status == "lost" {
					p.t.Fatalf("statuses %v", p.keeps[call].log)
				}
			}
		}
	})
}

func TestRateLimitDoesNotHoldBackWhatHasItsOwnLimit(t *testing.T) {
	p := trusted(t, protocol.Delayed)
	p.keepAlive("sec1", timeout)
	p.reply(p.until("refresh"), limit(9000))
	p.seen = len(p.sent)
	p.call(SendEvent, event)
	p.call(CancelFuture, p.saved("sec9", timeout))
	p.sees("state, cancel sec9") // what the page asks for is sent
}
