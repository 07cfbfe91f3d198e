package literllm

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// egress is the frozen table of where requests may go, and how a key gets into one.
//
// It was frozen when the client was made, before any prompt or network byte was seen. A request of the core, which
// has read both, is held against it: another origin, or another place for the key than the table says, and
// nothing is sent.
type egress []EgressRow

// fill checks the address and fills the key in. It answers with the key, so that echoes of it can be found.
func (e egress) fill(send *Send, keys *keyring) (Secret, *TransportFailure) {
	provider, request := send.Provider, &send.Request
	refuse := func(format string, values ...any) (Secret, *TransportFailure) {
		return Secret{}, notSent(FailureKindEgress, fmt.Sprintf(format, values...))
	}
	at := slices.IndexFunc(e, func(row EgressRow) bool { return row.Provider == provider })
	if at < 0 {
		return refuse("%q is not in this client's egress table", provider)
	}
	row := e[at]
	address, err := url.Parse(request.URL)
	if err != nil {
		// The error repeats the URL.
		return refuse("the URL cannot be read")
	}
	origin := originOf(address)
	if origin == "" {
		return refuse("the URL is neither http: nor https:")
	}
	allowed := slices.ContainsFunc(row.Origins, func(allowed string) bool {
		address, err := url.Parse(allowed)
		return err == nil && originOf(address) == origin
	})
	if !allowed {
		return refuse("%s is not one of %s's origins (%s)", origin, provider, strings.Join(row.Origins, ", "))
	}
	// net/http would make credentials of it.
	if address.User != nil {
		return refuse("the URL holds a user name or password; give the key as a key")
	}
	if request.Auth == nil {
		return Secret{}, nil
	}
	if !sameSlot(row.Auth, request.Auth) {
		return refuse("the key of %s was asked for in a place the egress table does not name", provider)
	}
	if int(send.KeySlot) > len(row.SpareKeyEnv) {
		return refuse("the egress table names no key %d of %s", send.KeySlot, provider)
	}
	key, ok := keys.find(row, send.KeySlot)
	if !ok {
		// The core turns to another key, or says which variable to set and adds our words where there are any.
		return Secret{}, notSent(FailureKindMissingKey, "")
	}
	if fault := key.fault(); fault != "" {
		return Secret{}, notSent(FailureKindMissingKey, "the one that is set "+fault)
	}
	switch slot := request.Auth.(type) {
	case *HeaderAuth:
		request.Headers = slices.DeleteFunc(request.Headers, func(h Header) bool { return strings.EqualFold(h.Name, slot.Name) })
		request.Headers = append(request.Headers, Header{Name: slot.Name, Value: slot.Prefix + key.Expose()})
	case *QueryAuth:
		pair := url.QueryEscape(slot.Name) + "=" + url.QueryEscape(key.Expose())
		if address.RawQuery != "" {
			pair = "&" + pair
		}
		address.RawQuery += pair
		request.URL = address.String()
	default:
		return refuse("the core asks for the key in a place this host does not know")
	}
	return key, nil
}

// originOf is scheme, host and port in one spelling: lower case, the default port left out. Empty: neither http nor https.
func originOf(address *url.URL) string {
	scheme, port := strings.ToLower(address.Scheme), address.Port()
	switch {
	case address.Host == "" || scheme != "https" && scheme != "http":
		return ""
	case scheme == "https" && port == "443" || scheme == "http" && port == "80":
		port = ""
	}
	host := strings.ToLower(address.Hostname())
	switch {
	case port != "":
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	return scheme + "://" + host
}

func sameSlot(a, b AuthSlot) bool {
	switch a := a.(type) {
	case *HeaderAuth:
		b, ok := b.(*HeaderAuth)
		return ok && *a == *b
	case *QueryAuth:
		b, ok := b.(*QueryAuth)
		return ok && *a == *b
	}
	return false
}

// notSent is a failure before anything left this host.
func notSent(kind FailureKind, message string) *TransportFailure {
	return &TransportFailure{Kind: kind, Reached: ReachedNotConnected, Message: message}
}
