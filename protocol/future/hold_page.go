package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// pageChanged takes what happened to the page.
func (c *Client) pageChanged(now session.Now, event PageEvent) {
	for _, k := range c.keepers {
		switch {
		case event == PageAwake:
			if k.misses > 0 || k.nextAt < now.Mono {
				k.nextAt, k.urgent = now.Mono, true
			}
		case k.hold == nil || k.over || k.hold.end.done:
		case event == PageHidden && k.hold.onPageHide:
			c.hide(now, k.hold)
		case event == PageBack && k.hold.hidden:
			k.hold.back(now)
		}
	}
}

// hide sends the leave by every path there is: the page may be gone for good
// when this input ends. Over HTTP, which outlives the host's page too, and as a
// message to the host (wire.md §8: what arrives when). Where the leave may be
// spent it is written as well: of the two, one ends in "left". While a state is
// under way its timer is left to run: what lands behind the goodbye goes with it.
func (c *Client) hide(now session.Now, h *hold) {
	if h.hidden || h.place.writes == 0 {
		return
	}
	h.hidden = true
	if h.present != nil && !h.underWay(now) {
		t := h.present.ticket
		if url := c.beacon(t); url != "" {
			c.AddField(session.Beacon, 0, protocol.URL, &protocol.Value{Kind: protocol.Text, Str: url})
		}
		if !t.dialect.Tokens() {
			c.postLast(now, t, protocol.Send)
		}
	}
	if (!h.sure(now) || h.underWay(now)) && c.Status() == session.Ready {
		p := pending{kind: SendEvent, owner: nobody}
		p.future.Event = h.place.event
		p.future.Content = h.leave
		c.try(now, &p)
	}
}

// beacon is where the leave is sent without login; "" when that is not known.
func (c *Client) beacon(t *ticket) string {
	if !t.dialect.Tokens() {
		if c.cfg.HomeserverURL == "" {
			return ""
		}
		return protocol.TokenURL(c.cfg.HomeserverURL, protocol.DelayedSendPath, t.delayID)
	}
	way, err := c.way(protocol.Send, t)
	if err != nil {
		return ""
	}
	return way.url
}

// back arms a hold anew whose leave went out when the page seemed to go.
func (h *hold) back(now session.Now) {
	h.hidden = false
	if h.end.wanted {
		return
	}
	h.setAside()
	h.dirty, h.absent, h.proof.wrote = true, true, true
	h.askAt, h.state.at = now.Mono, now.Mono
}
