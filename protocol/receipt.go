package protocol

// Receipt is a host's answer to send_event. Absent, null and "" are the same.
type Receipt struct {
	RoomID, EventID Value // forwarded
	DelayID         string
	GroupID         string
	SendToken       string
	CancelToken     string
	RefreshToken    string
}

// ParseReceipt reads the answer and names the member that cannot be trusted.
// Unknown members are none of its business.
func ParseReceipt(answer []Field) (Receipt, *Error) {
	var r Receipt
	if Get(answer, Response).Kind != Opaque {
		return r, BadResponse(Response, "must be an object")
	}
	var err *Error
	r.RoomID = id(answer, RespRoomID, &err)
	r.EventID = id(answer, RespEventID, &err)
	r.DelayID = secret(answer, RespDelayID, &err)
	r.GroupID = secret(answer, RespGroupID, &err)
	if r.GroupID == "" {
		r.GroupID = secret(answer, RespFutureGroupID, &err)
	}
	r.SendToken = secret(answer, RespSendToken, &err)
	r.CancelToken = secret(answer, RespCancelToken, &err)
	r.RefreshToken = secret(answer, RespRefreshToken, &err)
	return r, err
}

// Scheduled reports whether the receipt proves that the homeserver keeps a
// future: it names a delay id or a token. Nothing else proves it.
func (r *Receipt) Scheduled() bool {
	return r.DelayID != "" || r.SendToken != "" || r.CancelToken != "" || r.RefreshToken != ""
}

// id reads an optional string that is only forwarded.
func id(answer []Field, p Path, err **Error) Value {
	v := Get(answer, p)
	if !v.Set() {
		return Value{}
	}
	if v.Kind != Kept && v.Kind != Text {
		keep(err, BadResponse(p, "must be a string"))
		return Value{}
	}
	return v
}

// secret reads an optional string that is used later.
func secret(answer []Field, p Path, err **Error) string {
	v := Get(answer, p)
	if !v.Set() {
		return ""
	}
	if v.Kind != Text {
		keep(err, BadResponse(p, "must be a string of sensible length"))
	}
	return v.Str
}

// keep stores the first of several errors.
func keep(err **Error, e *Error) {
	if *err == nil {
		*err = e
	}
}
