package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// fate is what an error means for a keeper: the retry table by kind (design
// §5.3, wire.md §2.3 and §4.4).
type fate int32

const (
	// transient: timeouts, 5xx, network, errors that a host does not explain.
	transient fate = iota
	// limited: not before it says.
	limited
	// gone: the future was sent or cancelled.
	gone
	// doubtful: a login that is being renewed, or a worker that does not know the
	// endpoint, refuses what may be granted the next moment. Once it has stayed for
	// a timeout it is refused.
	doubtful
	// refused for good.
	refused
	// rejected: the request was wrong in the server's eyes. A refresh is tried
	// again, since only the other end can have changed; nothing else is.
	rejected
)

// defaultRetryMs is what a 429 without a hint waits (js-sdk's value).
const defaultRetryMs = 5000

func fateOf(e *protocol.Error) fate {
	switch e.Code {
	case protocol.CodeSpent:
		return gone
	case protocol.CodeTimeout, protocol.CodeHost, protocol.CodeBusy, protocol.CodeBadResponse:
		return transient
	case protocol.CodeMatrix:
	case protocol.CodeUnsupported: // by a server, or by us
		if e.HTTPStatus != 0 {
			return doubtful
		}
		return refused
	default:
		return refused
	}
	switch {
	case e.HTTPStatus == 429 || e.Limited():
		return limited
	case e.HTTPStatus == 401 || e.Unrecognized():
		return doubtful
	case e.HTTPStatus == 403:
		return refused
	case e.HTTPStatus >= 400 && e.HTTPStatus < 500 && e.HTTPStatus != 408:
		return rejected
	}
	return transient
}

// retryMs is how long a 429 asks to wait.
func retryMs(e *protocol.Error) float64 {
	if e.RetryAfterMs > 0 {
		return e.RetryAfterMs
	}
	return defaultRetryMs
}

// maybeDone reports whether the request may have been carried out although it
// failed: nobody said that it was not.
func maybeDone(e *protocol.Error, posted session.Now) bool {
	return posted != session.Now{} && fateOf(e) == transient
}

// jitter returns the next number from 0 to 1 of an even sequence that begins at
// the page's own seed: pages that start together drift apart, and a
// conversation can be replayed.
func (c *Client) jitter() float64 {
	const golden = 0.6180339887498949
	c.seed += golden
	c.seed -= float64(int64(c.seed))
	return c.seed
}
