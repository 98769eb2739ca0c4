package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// ticket is what is known of one future at the homeserver: how it is reached,
// and when it may go out.
type ticket struct {
	id           int32 // of a keeper's own; 0: the page holds it
	dialect      protocol.Dialect
	room         protocol.Value
	groupID      string
	delayID      string
	sendToken    string
	cancelToken  string
	refreshToken string
	timeoutMs    float64     // 0: an action future
	expires      session.Now // the earliest moment the server may send it
}

// readTicket reads the future that the page holds.
func readTicket(args []protocol.Field) (ticket, *protocol.Error) {
	dialect, ok := protocol.ParseDialect(protocol.Get(args, protocol.DialectName).Str)
	if !ok || dialect == protocol.Auto || dialect == protocol.None {
		return ticket{}, protocol.Invalid(protocol.DialectName, "must be one in which a future can be asked for")
	}
	t := ticket{dialect: dialect, room: protocol.Get(args, protocol.RoomID)}
	if ms := protocol.Get(args, protocol.TimeoutMs); ms.Kind == protocol.Number {
		t.timeoutMs = ms.Num
	}
	var err *protocol.Error
	t.delayID = secret(args, protocol.DelayID, &err)
	t.sendToken = secret(args, protocol.SendToken, &err)
	t.cancelToken = secret(args, protocol.CancelToken, &err)
	t.refreshToken = secret(args, protocol.RefreshToken, &err)
	return t, err
}

// secret reads an optional id or token.
func secret(args []protocol.Field, p protocol.Path, err **protocol.Error) string {
	v := protocol.Get(args, p)
	if v.Kind != protocol.Absent && (v.Kind != protocol.Text || v.Str == "") {
		*err = protocol.Invalid(p, "must be a non-empty string")
	}
	return v.Str
}

// ticketOf is the future that a receipt proves.
func ticketOf(a *session.Answer, r *protocol.Receipt) ticket {
	dialect := noteDialect(a.Note)
	switch tokens := dialect.Tokens(); {
	case r.DelayID != "" && tokens:
		dialect = protocol.Delayed
	case r.DelayID == "" && !tokens:
		dialect = protocol.Futures
	}
	t := ticket{
		dialect: dialect, room: roomOf(a, r), groupID: r.GroupID, delayID: r.DelayID,
		sendToken: r.SendToken, cancelToken: r.CancelToken, refreshToken: r.RefreshToken, timeoutMs: a.Note.Num,
	}
	t.postedAt(a.Posted)
	return t
}

// postedAt counts the timer from a post: the server started it at some moment
// after, so its earliest end is known.
func (t *ticket) postedAt(posted session.Now) {
	t.expires = session.Now{Mono: posted.Mono + t.timeoutMs, Wall: posted.Wall + t.timeoutMs}
}

// mayHaveFired reports whether the server may have sent it: a monotonic clock
// may stop in sleep and a wall clock may step, so either of them counts.
func (t *ticket) mayHaveFired(now session.Now) bool {
	return now.Mono >= t.expires.Mono || now.Wall >= t.expires.Wall
}

// token returns the token that does the verb.
func (t *ticket) token(v protocol.Verb) string {
	switch v {
	case protocol.Refresh:
		return t.refreshToken
	case protocol.Cancel:
		return t.cancelToken
	}
	return t.sendToken
}

// same reports whether the two are of one future.
func (t *ticket) same(o *ticket) bool {
	return t.delayID != "" && t.delayID == o.delayID ||
		t.sendToken != "" && t.sendToken == o.sendToken ||
		t.refreshToken != "" && t.refreshToken == o.refreshToken
}

// append writes the future as the page holds it.
func (t *ticket) append(dst []protocol.Field) []protocol.Field {
	dst = protocol.Append(dst, protocol.RoomID, &t.room)
	dst = protocol.AppendText(dst, protocol.DialectName, t.dialect.String())
	dst = protocol.AppendText(dst, protocol.GroupID, t.groupID)
	dst = protocol.AppendText(dst, protocol.DelayID, t.delayID)
	dst = protocol.AppendText(dst, protocol.SendToken, t.sendToken)
	dst = protocol.AppendText(dst, protocol.CancelToken, t.cancelToken)
	dst = protocol.AppendText(dst, protocol.RefreshToken, t.refreshToken)
	if t.timeoutMs != 0 {
		dst = protocol.AppendNum(dst, protocol.TimeoutMs, t.timeoutMs)
		dst = protocol.AppendNum(dst, protocol.ExpiresAt, t.expires.Wall)
	}
	return dst
}
