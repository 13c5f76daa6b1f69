package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"example.com/stagecraft/internal/attestation"
	"example.com/stagecraft/internal/publish"
	"example.com/stagecraft/internal/signing"
)

// keySetting holds a private key itself, as secrets of CI systems do; passwordSetting is cosign's own.
const (
	keySetting      = "STAGECRAFT_SIGNING_KEY"
	passwordSetting = "COSIGN_PASSWORD"
)

// signingKey is the key in a file, or else in the environment; nil if there is neither.
func signingKey(file string) (*signing.PrivateKey, error) {
	from, text := keySetting, []byte(os.Getenv(keySetting))
	if file != "" {
		from = file
		var err error
		if text, err = os.ReadFile(file); err != nil {
			return nil, fmt.Errorf("read the signing key: %w; correct -key", err)
		}
	}
	if len(text) == 0 && file == "" {
		return nil, nil //nolint:nilnil // signing is optional
	}
	key, err := signing.ParsePrivateKey(text, os.Getenv(passwordSetting))
	if err != nil {
		return nil, fmt.Errorf("read the signing key in %s: %w", from, err)
	}
	return &key, nil
}

// PublishVerify checks a published image with a public key: its signature, what is attached to it, and its layers. With rebuild, it
// also builds the image again and compares the two.
func (p Project) PublishVerify(ctx context.Context, image, key string, rebuild bool) error {
	if image == "" || key == "" {
		return errors.New("publish:verify: which image, and with which key? -image=registry.example.com/team/hello-go:1.0 -key=cosign.pub")
	}
	ref, err := name.ParseReference(image, name.StrictValidation)
	if err != nil {
		return fmt.Errorf("publish:verify: %w; correct -image", err)
	}
	public, err := publicKey(key)
	if err != nil {
		return fmt.Errorf("publish:verify: %w", err)
	}
	verifier := publish.Verifier{
		Key: public, Options: registryOptions(), Required: []string{attestation.SPDX, attestation.Provenance},
	}
	digest, checks, err := verifier.Verify(ctx, ref)
	if err != nil {
		return err
	}
	if rebuild && !slices.ContainsFunc(checks, failed) { // nothing else is a reason to run what an image names
		again, err := p.rebuild(ctx, digest)
		if err != nil {
			return fmt.Errorf("publish:verify: build %s again: %w", digest, err)
		}
		checks = append(checks, again...)
	}
	if err := p.writeChecks(checks); err != nil {
		return err
	}
	if slices.ContainsFunc(checks, failed) {
		return fmt.Errorf("publish:verify: %s is not what was published; do not run it", digest)
	}
	fmt.Fprintf(p.Out, "%s is what was published; run it by this digest\n", digest)
	return nil
}

// publicKey is the key in a file.
func publicKey(file string) (signing.PublicKey, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return signing.PublicKey{}, fmt.Errorf("read the public key: %w; correct -key", err)
	}
	key, err := signing.ParsePublicKey(text)
	if err != nil {
		return signing.PublicKey{}, fmt.Errorf("read the public key in %s: %w", file, err)
	}
	return key, nil
}

// registryOptions are the credentials of `docker login`, and a name.
func registryOptions() []remote.Option {
	return []remote.Option{remote.WithAuthFromKeychain(authn.DefaultKeychain), remote.WithUserAgent("stagecraft")}
}

func failed(c publish.Check) bool { return c.Problem != nil }

// writeChecks writes a line a check.
func (p Project) writeChecks(checks []publish.Check) error {
	table := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	for _, c := range checks {
		verdict, note := "verified", c.Note
		switch {
		case failed(c):
			verdict, note = "failed", c.Problem.Error()
		case c.Skipped:
			verdict = "skipped"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", verdict, c.What, note)
	}
	return table.Flush()
}
