package homeserver

import (
	"net"
	"net/http"
	"time"
)

// wrongTries counts the wrong tokens of one address.
type wrongTries struct {
	inARow int
	until  time.Time // locked until then
}

// postFuture uses a token. There is no login to count by, so tries are counted by address.
func (s *Server) postFuture(r *request) (any, error) {
	b, address := s.futures, addressOf(r.http)
	if !b.forms().locks {
		if err := s.manage.take(address, s.options.ManagePerSecond, s.options.ManageBurst); err != nil {
			return nil, err
		}
	} else if err := b.unlocked(address); err != nil {
		return nil, err
	}
	use, known := b.byToken[r.params["token"]]
	if !known {
		return nil, b.wrongToken(address)
	}
	delete(b.tries, address)
	switch use.verb {
	case verbSend:
		if err := b.send(use.future, howSent); err != nil {
			return nil, err
		}
	case verbCancel:
		b.remove(use.future, howCancelled)
	case verbRefresh:
		s.scheduler.restart(use.future.entry)
	}
	return struct{}{}, nil
}

// unlocked refuses an address that is locked out, even with a good token.
func (b *futureBook) unlocked(address string) error {
	tries := b.tries[address]
	if tries == nil || tries.until.IsZero() {
		return nil
	}
	if left := tries.until.Sub(b.s.clock.Now()); left > 0 {
		return limited("Too many wrong future tokens", left)
	}
	delete(b.tries, address)
	return nil
}

// wrongToken counts a wrong try; one more than allowed in a row locks the address out.
func (b *futureBook) wrongToken(address string) error {
	if !b.forms().locks {
		return errSpentToken
	}
	tries := b.tries[address]
	if tries == nil {
		tries = &wrongTries{}
		b.tries[address] = tries
	}
	tries.inARow++
	if tries.inARow <= b.s.options.MaxWrongTokens {
		return errSpentToken
	}
	tries.until = b.s.clock.Now().Add(time.Duration(b.s.options.WrongTokenLockMs) * time.Millisecond)
	return b.unlocked(address)
}

func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
