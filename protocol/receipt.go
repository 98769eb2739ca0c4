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
	var err *Error
	known, group := false, ""
	for i := range answer { // once: nine look-ups cost a plain event more than all else here
		f := &answer[i]
		switch f.Path {
		case Response:
			known = f.Kind == Opaque
		case RespRoomID:
			r.RoomID = id(f, &err)
		case RespEventID:
			r.EventID = id(f, &err)
		case RespDelayID:
			r.DelayID = secret(f, &err)
		case RespGroupID:
			r.GroupID = secret(f, &err)
		case RespFutureGroupID:
			group = secret(f, &err)
		case RespSendToken:
			r.SendToken = secret(f, &err)
		case RespCancelToken:
			r.CancelToken = secret(f, &err)
		case RespRefreshToken:
			r.RefreshToken = secret(f, &err)
		}
	}
	if !known {
		return Receipt{}, BadResponse(Response, "must be an object")
	}
	if r.GroupID == "" {
		r.GroupID = group
	}
	return r, err
}

// Scheduled reports whether the receipt proves that the homeserver keeps a
// future: it names a delay id or a token. Nothing else proves it.
func (r *Receipt) Scheduled() bool {
	return r.DelayID != "" || r.SendToken != "" || r.CancelToken != "" || r.RefreshToken != ""
}

// id reads an optional string that is only forwarded.
func id(f *Field, err **Error) Value {
	if !f.Set() {
		return Value{}
	}
	if f.Kind != Kept && f.Kind != Text {
		keep(err, BadResponse(f.Path, "must be a string"))
		return Value{}
	}
	return f.Value
}

// secret reads an optional string that is used later.
func secret(f *Field, err **Error) string {
	if f.Kind != Text && f.Set() {
		keep(err, BadResponse(f.Path, "must be a string of sensible length"))
	}
	return f.Str
}

// keep stores the first of several errors.
func keep(err **Error, e *Error) {
	if *err == nil {
		*err = e
	}
}
