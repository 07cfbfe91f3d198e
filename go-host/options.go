package literllm

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/literllm/literllm/go-host/internal/document"
)

// ClientOption puts a client together. Everything has a default.
type ClientOption func(*clientOptions)

type clientOptions struct {
	config      ClientConfig
	keys        KeySource
	given       map[string]Secret
	transport   http.RoundTripper
	now         func() time.Time
	seed        func() uint64
	component   []byte
	memoryBytes uint64
	cacheDir    string
}

// WithConfig sets the whole configuration: providers, policy, limits. It takes the place of what was set before.
func WithConfig(config ClientConfig) ClientOption {
	return func(o *clientOptions) {
		o.config = config
		o.config.Providers = slices.Clone(config.Providers)
	}
}

// WithBaseURL sends a provider's requests to another address, such as a proxy of yours or a simulator.
//
// At another origin than the provider's own no key is sent, not even one of [WithKey], until [WithKeyEnv] says that one is.
func WithBaseURL(provider, url string) ClientOption {
	return func(o *clientOptions) { o.row(provider).BaseURL = &url }
}

// WithKeyEnv names the environment variable that holds a provider's key, for another address too. It also says that this
// provider takes a key at all: [WithKey] needs it for an address of yours, where the name only stands in messages.
func WithKeyEnv(provider, name string) ClientOption {
	return func(o *clientOptions) { o.row(provider).KeyEnv = []string{name} }
}

// WithKey gives a provider's key. It is sent to that provider's own origin, and to another one of [WithBaseURL] only beside
// [WithKeyEnv]; providers without one take theirs from the environment, or from [WithKeySource].
func WithKey(provider, key string) ClientOption {
	return func(o *clientOptions) {
		o.given = maps.Clone(o.given)
		if o.given == nil {
			o.given = map[string]Secret{}
		}
		o.given[provider] = NewSecret(key)
	}
}

// WithKeySource takes keys from here instead of the environment.
func WithKeySource(keys KeySource) ClientOption {
	return func(o *clientOptions) { o.keys = keys }
}

// WithTransport sends requests this way instead of by a [NewTransport] of its own.
//
// It must end an exchange when the request's context ends, follow no redirect and repeat nothing: what
// http.RoundTripper asks for. Where it has no httptrace, failures count as possibly sent.
func WithTransport(transport http.RoundTripper) ClientOption {
	return func(o *clientOptions) { o.transport = transport }
}

// WithClock asks this, instead of the wall clock, for the time at the start of each call. For tests.
func WithClock(now func() time.Time) ClientOption {
	return func(o *clientOptions) { o.now = now }
}

// WithChance asks this for the seed of each call; the same seed gives the same waits. For tests.
func WithChance(seed func() uint64) ClientOption {
	return func(o *clientOptions) { o.seed = seed }
}

// WithComponent runs another build of the core than the embedded one: the bytes of a literllm.wasm.
func WithComponent(component []byte) ClientOption {
	return func(o *clientOptions) { o.component = component }
}

// WithMemoryLimit bounds the sandbox's memory, in bytes. Default 256 MiB; it grows only when it is used.
func WithMemoryLimit(bytes uint64) ClientOption {
	return func(o *clientOptions) { o.memoryBytes = bytes }
}

// WithCompileCache keeps compiled code in a folder, which saves the next process about a tenth of a second. An empty dir
// is literllm in the user's cache folder.
//
// It is off by default: the code is run as it is found, so whoever can write to that folder can run code in
// your process. A folder of somebody else, or one that others may write to, is not used (of a shared folder such
// as /tmp, only a part that is yours), and one that is damaged or of another version is made anew; a cache that cannot be
// used is done without.
func WithCompileCache(dir string) ClientOption {
	return func(o *clientOptions) {
		if dir == "" {
			user, err := os.UserCacheDir()
			if err != nil {
				return
			}
			dir = filepath.Join(user, "literllm")
		}
		o.cacheDir = dir
	}
}

// row is a provider's row in the configuration.
func (o *clientOptions) row(id string) *ProviderRow {
	rows := &o.config.Providers
	at := slices.IndexFunc(*rows, func(row ProviderRow) bool { return row.ID == id })
	if at < 0 {
		at = len(*rows)
		*rows = append(*rows, ProviderRow{ID: id})
	}
	return &(*rows)[at]
}

// finish puts the keys given by hand before all others.
func (o *clientOptions) finish() {
	given, others := o.given, o.keys
	if len(given) == 0 {
		return
	}
	o.keys = func(row EgressRow) (Secret, bool) {
		if key, ok := given[row.Provider]; ok {
			return key, true
		}
		return others(row)
	}
}

// Option says more about one call. Where two say the same, the later one counts. There is one for every field of
// [Request].
type Option func(*chat)

// chat is a request, what stands beside it, and the bytes it speaks of.
type chat struct {
	request Request
	options CallOptions
	blobs   map[string][]byte
}

// WithSystem puts standing instructions before all messages.
func WithSystem(text string) Option {
	return func(c *chat) {
		c.request.Messages = append([]Message{Text(RoleSystem, text)}, c.request.Messages...)
	}
}

// WithMessages puts messages before the last one, which is the prompt: what was said so far.
func WithMessages(messages ...Message) Option {
	return func(c *chat) {
		before := max(len(c.request.Messages)-1, 0)
		c.request.Messages = slices.Insert(slices.Clone(c.request.Messages), before, messages...)
	}
}

// WithImage adds a picture to the last message. The bytes stay outside the sandbox and are not copied.
func WithImage(image []byte, mediaType string) Option {
	return func(c *chat) { c.add(&ImagePart{c.media(image, mediaType, nil)}) }
}

// WithImageURL adds a picture to the last message that the provider fetches.
func WithImageURL(url string) Option {
	return func(c *chat) { c.add(&ImagePart{MediaPart{Source: &URLSource{URL: url}}}) }
}

// WithFile adds a file, such as a PDF, to the last message. The bytes stay outside the sandbox and are not copied.
func WithFile(file []byte, mediaType, name string) Option {
	return func(c *chat) { c.add(&FilePart{c.media(file, mediaType, &name)}) }
}

// WithBlob gives the bytes of a blob that a message names.
func WithBlob(id string, bytes []byte) Option {
	return func(c *chat) { c.blob(id, bytes) }
}

// WithPolicy overrides the client's policy, field by field.
func WithPolicy(policy Policy) Option {
	return func(c *chat) { c.options.Policy = &policy }
}

// WithStrict turns every warning into an error before anything is sent.
func WithStrict() Option {
	return func(c *chat) { c.options.Strict = Ptr(true) }
}

func (c *chat) blob(id string, bytes []byte) {
	if c.blobs == nil {
		c.blobs = map[string][]byte{}
	}
	c.blobs[id] = bytes
}

// media makes bytes a part's source, under a name that is still free.
func (c *chat) media(bytes []byte, mediaType string, name *string) MediaPart {
	number := len(c.blobs) + 1
	id := fmt.Sprintf("blob-%d", number)
	for c.blobs[id] != nil {
		number++
		id = fmt.Sprintf("blob-%d", number)
	}
	c.blob(id, bytes)
	source := &BlobSource{ID: id, Length: uint64(len(bytes))}
	return MediaPart{Source: source, MediaType: &mediaType, Name: name}
}

// add a part to the last message, and leave the caller's own as it is.
func (c *chat) add(part Part) {
	c.request.Messages = slices.Clone(c.request.Messages)
	if len(c.request.Messages) == 0 {
		c.request.Messages = []Message{{Role: RoleUser}}
	}
	last := &c.request.Messages[len(c.request.Messages)-1]
	last.Content = append(slices.Clip(last.Content), part)
}

// marshal a document for the core, or say what keeps it from being one, and where.
func marshal(write func(*document.Writer)) (string, error) {
	text, err := document.Marshal(write)
	if err != nil {
		return "", failed(ErrorKindInvalidRequest, err.Error()+"; nothing was sent")
	}
	return string(text), nil
}
