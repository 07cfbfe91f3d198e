package literllm

import (
	"errors"
	"fmt"
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
	configFile  string
	configErr   error
	keys        KeySource
	given       map[keySlot]Secret
	restore     []byte
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
		o.configFile = ""
	}
}

// WithConfigFile is [WithConfig] with what [ReadConfig] reads from a .toml or .json file; options after it add to the file.
// When it cannot be read or is not sound, [NewClient] says so and names it.
func WithConfigFile(path string) ClientOption {
	return func(o *clientOptions) {
		config, err := ReadConfig(path)
		if err != nil && o.configErr == nil {
			o.configErr = err
		}
		o.config, o.configFile = config, path
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
		o.give(keySlot{provider, 0}, key)
	}
}

// WithSpareKeyEnv names the environment variables of a provider's further keys, one each. The next one is turned to when a
// key is refused (401, 403) or limited (429); one that is not set is passed over.
func WithSpareKeyEnv(provider string, names ...string) ClientOption {
	return func(o *clientOptions) { o.row(provider).SpareKeyEnv = names }
}

// WithSpareKeys gives a provider's further keys, beside [WithKey] or whatever else holds the first one. See [WithSpareKeyEnv],
// of which it takes the place.
func WithSpareKeys(provider string, keys ...string) ClientOption {
	return func(o *clientOptions) {
		names := make([]string, len(keys))
		for i, key := range keys {
			// The core counts them by their names.
			names[i] = fmt.Sprintf("spare key %d of WithSpareKeys", i+1)
			o.give(keySlot{provider, uint32(i + 1)}, key)
		}
		o.row(provider).SpareKeyEnv = names
	}
}

// WithKeySource takes keys from here instead of the environment.
func WithKeySource(keys KeySource) ClientOption {
	return func(o *clientOptions) { o.keys = keys }
}

// WithClientPolicy sets the policy of all calls; [WithPolicy] overrides it for one, field by field.
func WithClientPolicy(policy Policy) ClientOption {
	return func(o *clientOptions) { o.config.Policy = &policy }
}

// WithGuards sets what protects a provider, and your purse, across the calls of a client: the retry budget, circuits,
// cooldowns, resting keys.
func WithGuards(guards Guards) ClientOption {
	return func(o *clientOptions) { o.config.Guards = &guards }
}

// WithRestore takes over the memory of another client: what [Client.Snapshot] gave. The component must be the same.
func WithRestore(snapshot []byte) ClientOption {
	return func(o *clientOptions) { o.restore = append([]byte{}, snapshot...) }
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

// blame the file for what the core refused in it.
func (o *clientOptions) blame(err error) error {
	var refused *Error
	if o.configFile == "" || !errors.As(err, &refused) {
		return err
	}
	switch refused.Kind {
	case ErrorKindInvalidRequest, ErrorKindUnknownProvider:
		return refused.about(o.configFile)
	}
	return err
}

func (o *clientOptions) give(slot keySlot, key string) {
	if o.given == nil {
		o.given = map[keySlot]Secret{}
	}
	o.given[slot] = NewSecret(key)
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

// Option says more about one call. Where two say the same, the later one counts. There is one for every field of
// [Request].
type Option func(*chat)

// chat is a request, what stands beside it, and the bytes it speaks of.
type chat struct {
	request Request
	options CallOptions
	blobs   map[string][]byte
	save    func(snapshot []byte)
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

// WithImage adds a picture to the last message. The bytes stay outside the sandbox and are not copied. As a blob they are named
// blob-1, blob-2 and so on, in the order in which pictures and files are added.
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

// WithFallback names the models to turn to, in order, when the ones before them failed and the caller has seen nothing. They
// help against every error but those that are the request's own fault; a [Policy] can say against which.
func WithFallback(models ...string) Option {
	return func(c *chat) {
		policy := Policy{}
		if c.options.Policy != nil {
			policy = *c.options.Policy
		}
		policy.Fallback = make([]FallbackStep, len(models))
		for i, model := range models {
			policy.Fallback[i].Model = model
		}
		c.options.Policy = &policy
	}
}

// WithIdempotencyKey names the call to a provider that honours such keys, so that it does the work once however often it is
// sent. Without one the core makes one up.
func WithIdempotencyKey(key string) Option {
	return func(c *chat) { c.options.IdempotencyKey = &key }
}

// WithResumable keeps the bytes of a streamed answer while it runs, so that [Call.Snapshot] can be taken in the middle of it.
func WithResumable() Option {
	return func(c *chat) { c.options.Resumable = Ptr(true) }
}

// WithSnapshots gives save a snapshot of the call whenever an attempt or a pause is about to begin, for [Client.Resume] to go
// on from when this process dies. The request is sent only after save has returned; to end the call there, cancel
// its context. save runs in the call's goroutine.
func WithSnapshots(save func(snapshot []byte)) Option {
	return func(c *chat) { c.save = save }
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
