package sim

import "github.com/widget-futures/widget-futures/protocol/future"

// maxWhims bounds the holds that page code begins while effects are carried out.
const maxWhims = 20

// react is what page code does, now and then, while effects are carried out: an
// event handler that updates, releases or joins anew. It runs in the middle of
// an input and calls the API, which has to wait for its turn (see input).
func (p *page) react(k *keeper) {
	if !p.w.set.Reentrant || !p.busy || p.closing || p.dead || k == nil || !k.hold {
		return
	}
	whim := p.w.whims.unit()
	switch ends := k.ended || k.said && k.status >= future.Failed; {
	case ends && whim < 0.3:
		for _, other := range p.holds {
			if other.key == k.key && !other.over && other != k {
				return // there is another already
			}
		}
		if p.whims++; p.whims < maxWhims {
			p.w.tell("☞ at once: join")
			p.join(k.spec)
		}
	case ends || k.over || k.leaving() || !k.started:
	case whim < 0.15:
		p.w.tell("☞ at once: update")
		p.update(k, p.w.whims.below(4))
	case whim < 0.18:
		p.w.tell("☞ at once: release")
		p.release(k)
	}
}
