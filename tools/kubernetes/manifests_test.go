package kubernetes

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// root is the repository, and deployed a rendered one with services of many shapes, some of them published.
const (
	root     = "../.."
	deployed = root + "/internal/render/testdata/deployed"
)

// TestOverlays: the overlays of this repository build, and are what a cluster accepts.
func TestOverlays(t *testing.T) {
	t.Parallel()
	for _, overlay := range overlays(t) {
		t.Run(overlay, func(t *testing.T) {
			t.Parallel()
			for _, problem := range problems(disk(t, root), overlay) {
				t.Error(problem)
			}
		})
	}
}

// TestShapes: so do they with services of all shapes. What is published is deployed by its digest.
func TestShapes(t *testing.T) {
	t.Parallel()
	for _, overlay := range overlays(t) {
		t.Run(overlay, func(t *testing.T) {
			t.Parallel()
			for _, problem := range problems(shapes(t), overlay) {
				t.Error(problem)
			}
		})
	}
	c, err := build(shapes(t), "prod")
	if err != nil {
		t.Fatal(err)
	}
	const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for name, want := range map[string]string{
		"api": "registry.example.com:5000/team/api" + digest, "api-migrate": "registry.example.com:5000/team/api" + digest,
		"api-worker": "registry.example.com:5000/team/api" + digest, "null": "ghcr.io/team/null" + digest, "stock": "unpublished.invalid/stock",
	} {
		if got := c.pods[name].Spec.Containers[0].Image; got != want {
			t.Errorf("%s: the image is %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]int32{"api": 2, "stock": 2, "api-worker": 0, "db": 0} {
		got := int32(0)
		if replicas := c.replicas[name]; replicas != nil {
			got = *replicas
		}
		if got != want {
			t.Errorf("%s: %d replicas, want %d", name, got, want)
		}
	}
}

// TestNoServices: a repository whose services are gone still builds.
func TestNoServices(t *testing.T) {
	t.Parallel()
	files := shapes(t)
	for _, name := range []string{"deploy/base", "deploy/images/engine", "deploy/images/published"} {
		file := name + "/kustomization.yaml"
		content := read(t, files, file)
		if i := strings.Index(content, "\nimages:"); i > 0 {
			content = content[:i+1]
		}
		content = strings.Join(without(strings.SplitAfter(content, "\n"), "- services/"), "")
		write(t, files, file, content)
	}
	for _, overlay := range overlays(t) {
		for _, problem := range problems(files, overlay) {
			t.Errorf("%s: %s", overlay, problem)
		}
	}
}

// TestDocumentedPatch: the patch of docs/deploying.md takes a variable from a Secret.
func TestDocumentedPatch(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(root + "/docs/deploying.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(page), "  ```yaml\n")
	block, _, _ = strings.Cut(block, "  ```\n")
	if !found {
		t.Fatal("docs/deploying.md has no patch")
	}
	files := shapes(t)
	patch := strings.NewReplacer("\n  ", "\n", "orders", "api", "DATABASE_URL", "PRICE").Replace("\n" + block)
	write(t, files, "deploy/overlays/own/kustomization.yaml", "resources: [../../base]\n"+patch)
	for _, problem := range problems(files, "own") {
		t.Error(problem)
	}
	c, err := build(files, "own")
	if err != nil {
		t.Fatal(err)
	}
	for _, variable := range c.pods["api"].Spec.Containers[0].Env {
		if secret := variable.ValueFrom != nil && variable.Value == ""; secret != (variable.Name == "PRICE") {
			t.Errorf("%+v", variable)
		}
	}
}

// Negative controls: one change in the manifest of a good service, and what it is found to be.
func TestControls(t *testing.T) {
	t.Parallel()
	const file = "deploy/base/services/api.yaml"
	for _, tt := range []struct{ from, to, want string }{
		{"automountServiceAccountToken: false", "automountServiceToken: false", `unknown field "automountServiceToken"`},
		{"terminationGracePeriodSeconds: 100", `terminationGracePeriodSeconds: "100"`, "cannot unmarshal string"},
		{"limits: {memory: 64M}", "limits: {memory: 64MB}", "quantities must match"},
		{"runAsNonRoot: true", "runAsNonRoot: false", "api is not restricted: runAsNonRoot != true"},
		{"seccompProfile: {type: RuntimeDefault}", "seccompProfile: {type: Unconfined}", "api is not restricted: seccompProfile"},
		{"allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "api is not restricted: allowPrivilegeEscalation != false"},
		{`drop: ["ALL"]`, "drop: [NET_RAW]", "api is not restricted: unrestricted capabilities"},
		{"emptyDir: {medium: Memory}", "hostPath: {path: /}", "api is not restricted: "},
		{"  selector: {app.kubernetes.io/instance: api}", "  selector: {app.kubernetes.io/name: api}", "Service api selects 4 processes, not 1"},
		{"  selector: {matchLabels: {app.kubernetes.io/instance: api}}\n  strategy", "  selector: {matchLabels: {app.kubernetes.io/instance: app}}\n  strategy", "its own selector does not match the pods of Deployment api"},
		{"AlwaysAllow\n  selector: {matchLabels: {app.kubernetes.io/instance: api}}", "AlwaysAllow\n  selector: {matchLabels: {app.kubernetes.io/instance: app}}", "PodDisruptionBudget api selects 0 processes, not 1"},
		{"targetPort: http", "targetPort: web", "the pods of Service api have no port web"},
		{"{app.kubernetes.io/name: db}}}]\n    ports: [{port: 5432}]", "{app.kubernetes.io/name: dbs}}}]\n    ports: [{port: 5432}]", "no pod has what NetworkPolicy api selects"},
		{"{app.kubernetes.io/name: db}}}]\n    ports: [{port: 5432}]", "{app.kubernetes.io/name: db}}}]\n    ports: [{port: 5433}]", "no pod that NetworkPolicy api selects has port 5433"},
		{"kind: NetworkPolicy", "kind: NetworkPolicies", "no kind networking.k8s.io/v1 NetworkPolicies"},
		{"image: unpublished.invalid/api\n        ports", "image: api:latest\n        ports", "api: the image api:latest is neither"},
		{"- {name: tmpfs-1, mountPath: \"/tmp\"}", "- {name: other, mountPath: \"/tmp\"}", "api: there is no volume other"},
		{"name: api\n  labels", "name: Api\n  labels", `Deployment Api: "Api" is no name`},
	} {
		t.Run(tt.to, func(t *testing.T) {
			t.Parallel()
			files := shapes(t)
			good := read(t, files, file)
			if !strings.Contains(good, tt.from) {
				t.Fatalf("%s has no %q", file, tt.from)
			}
			write(t, files, file, strings.Replace(good, tt.from, tt.to, 1))
			if got := errors.Join(problems(files, "prod")...); got == nil || !strings.Contains(got.Error(), tt.want) {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}

// cluster is what an overlay consists of.
type cluster struct {
	pods     map[string]corev1.PodTemplateSpec // by process
	replicas map[string]*int32
	objects  []any
}

// problems are why a cluster would not take an overlay, or not run it as it is meant.
func problems(files filesys.FileSystem, overlay string) []error {
	c, err := build(files, overlay)
	if err != nil {
		return []error{err}
	}
	var found []error
	for _, object := range c.objects {
		found = append(found, c.check(object)...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.pods)) {
		found = append(found, restricted(name, c.pods[name]), complete(name, c.pods[name]))
	}
	return slices.DeleteFunc(found, func(err error) bool { return err == nil })
}

// build builds an overlay and decodes each object in it strictly.
func build(files filesys.FileSystem, overlay string) (cluster, error) {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, "deploy/overlays/"+overlay)
	if err != nil {
		return cluster{}, err
	}
	c := cluster{pods: map[string]corev1.PodTemplateSpec{}, replicas: map[string]*int32{}}
	var problems []error
	for _, resource := range resources.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			return cluster{}, err
		}
		object := newObject(resource.GetApiVersion() + " " + resource.GetKind())
		if object == nil {
			problems = append(problems, fmt.Errorf("there is no kind %s %s", resource.GetApiVersion(), resource.GetKind()))
			continue
		}
		if err := yaml.UnmarshalStrict(text, object); err != nil {
			problems = append(problems, fmt.Errorf("%s %s: %w", resource.GetKind(), resource.GetName(), err))
		}
		c.objects = append(c.objects, object)
		switch object := object.(type) {
		case *appsv1.Deployment:
			c.pods[object.Name], c.replicas[object.Name] = object.Spec.Template, object.Spec.Replicas
		case *batchv1.Job:
			c.pods[object.Name] = object.Spec.Template
		}
	}
	return c, errors.Join(problems...)
}

func newObject(kind string) any {
	switch kind {
	case "v1 Namespace":
		return &corev1.Namespace{}
	case "v1 Service":
		return &corev1.Service{}
	case "apps/v1 Deployment":
		return &appsv1.Deployment{}
	case "batch/v1 Job":
		return &batchv1.Job{}
	case "policy/v1 PodDisruptionBudget":
		return &policyv1.PodDisruptionBudget{}
	case "networking.k8s.io/v1 NetworkPolicy":
		return &networkingv1.NetworkPolicy{}
	default:
		return nil
	}
}

// check is what one object gets wrong about others.
func (c cluster) check(object any) (found []error) {
	switch object := object.(type) {
	case *corev1.Namespace:
		if level := object.Labels[api.EnforceLevelLabel]; level != string(api.LevelRestricted) {
			found = append(found, fmt.Errorf("namespace %s enforces %q", object.Name, level))
		}
	case *appsv1.Deployment:
		found = append(found, named("Deployment", object.Name))
		if selector := object.Spec.Selector.MatchLabels; !labels.SelectorFromSet(selector).Matches(labels.Set(object.Spec.Template.Labels)) {
			found = append(found, fmt.Errorf("its own selector does not match the pods of Deployment %s", object.Name))
		}
	case *batchv1.Job:
		found = append(found, named("Job", object.Name))
	case *policyv1.PodDisruptionBudget:
		found = append(found, one("PodDisruptionBudget "+object.Name, c.selected(*object.Spec.Selector)))
	case *corev1.Service:
		found = append(found, named("Service", object.Name))
		pods := c.selected(metav1.LabelSelector{MatchLabels: object.Spec.Selector})
		found = append(found, one("Service "+object.Name, pods))
		for _, port := range object.Spec.Ports {
			if len(pods) > 0 && !listens(pods, port.TargetPort) {
				found = append(found, fmt.Errorf("the pods of Service %s have no port %s", object.Name, port.TargetPort.String()))
			}
		}
	case *networkingv1.NetworkPolicy:
		for _, rule := range object.Spec.Ingress {
			for _, peer := range rule.From {
				found = append(found, c.reaches(object, peer, nil))
			}
		}
		for _, rule := range object.Spec.Egress {
			for _, peer := range rule.To {
				found = append(found, c.reaches(object, peer, rule.Ports))
			}
		}
	}
	return found
}

// named is an error if a cluster refuses the name of an object, which is also that of a host or a label.
func named(kind, name string) error {
	if faults := validation.IsDNS1035Label(name); len(faults) > 0 {
		return fmt.Errorf("%s %s: %q is no name: %s", kind, name, name, faults[0])
	}
	return nil
}

func one(what string, pods []corev1.PodTemplateSpec) error {
	if len(pods) != 1 {
		return fmt.Errorf("%s selects %d processes, not 1", what, len(pods))
	}
	return nil
}

// reaches is an error if a policy names pods of its namespace that are not there, or a port that they have not.
func (c cluster) reaches(from *networkingv1.NetworkPolicy, peer networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) error {
	if peer.PodSelector == nil || peer.NamespaceSelector != nil {
		return nil
	}
	pods := c.selected(*peer.PodSelector)
	if len(pods) == 0 {
		return fmt.Errorf("no pod has what NetworkPolicy %s selects", from.Name)
	}
	for _, port := range ports {
		if !listens(pods, *port.Port) {
			return fmt.Errorf("no pod that NetworkPolicy %s selects has port %s", from.Name, port.Port)
		}
	}
	return nil
}

// selected are the processes whose pods a selector matches.
func (c cluster) selected(selector metav1.LabelSelector) (pods []corev1.PodTemplateSpec) {
	matches, err := metav1.LabelSelectorAsSelector(&selector)
	if err != nil {
		return nil
	}
	for _, pod := range c.pods {
		if matches.Matches(labels.Set(pod.Labels)) {
			pods = append(pods, pod)
		}
	}
	return pods
}

func listens(pods []corev1.PodTemplateSpec, port intstr.IntOrString) bool {
	for _, pod := range pods {
		for _, open := range pod.Spec.Containers[0].Ports {
			if port.StrVal == open.Name || port.IntVal == open.ContainerPort {
				return true
			}
		}
	}
	return false
}

// restricted is what the admission of the level `restricted` has against a pod.
func restricted(name string, pod corev1.PodTemplateSpec) error {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	if result := policy.AggregateCheckResults(evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec)); !result.Allowed {
		return fmt.Errorf("%s is not restricted: %s", name, result.ForbiddenDetail())
	}
	return nil
}

// complete is an error if a container has an image that nobody chose, or mounts a volume that is not there.
func complete(name string, pod corev1.PodTemplateSpec) error {
	volumes := map[string]bool{}
	for _, volume := range pod.Spec.Volumes {
		volumes[volume.Name] = true
	}
	c := pod.Spec.Containers[0]
	for _, mount := range c.VolumeMounts {
		if !volumes[mount.Name] {
			return fmt.Errorf("%s: there is no volume %s", name, mount.Name)
		}
	}
	if !strings.Contains(c.Image, "@sha256:") && !strings.HasPrefix(c.Image, "unpublished.invalid/") && !strings.HasSuffix(c.Image, ":dev") {
		return fmt.Errorf("%s: the image %s is neither published nor an engine's", name, c.Image)
	}
	return nil
}

// overlays are those of this repository.
func overlays(t *testing.T) (names []string) {
	t.Helper()
	folders, err := os.ReadDir(root + "/deploy/overlays")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("this repository is not deployed with Kubernetes")
	}
	if err != nil || len(folders) == 0 {
		t.Fatalf("there are no overlays (%v)", err)
	}
	for _, folder := range folders {
		names = append(names, folder.Name())
	}
	return names
}

// disk is the folder deploy of a repository, in memory.
func disk(t *testing.T, root string) filesys.FileSystem {
	t.Helper()
	files := filesys.MakeFsInMemory()
	add(t, files, root, "deploy")
	return files
}

// shapes is the base of services of all shapes below the overlays of this repository.
func shapes(t *testing.T) filesys.FileSystem {
	t.Helper()
	files := disk(t, deployed)
	add(t, files, root, "deploy/overlays")
	return files
}

func add(t *testing.T, files filesys.FileSystem, root, folder string) {
	t.Helper()
	source := os.DirFS(root)
	err := fs.WalkDir(source, folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		content, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		return files.WriteFile(name, content)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, files filesys.FileSystem, name string) string {
	t.Helper()
	content, err := files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func write(t *testing.T, files filesys.FileSystem, name, content string) {
	t.Helper()
	if err := files.WriteFile(name, []byte(content)); err != nil {
		t.Fatal(err)
	}
}

func without(lines []string, prefix string) (rest []string) {
	for _, line := range lines {
		if !strings.HasPrefix(line, prefix) {
			rest = append(rest, line)
		}
	}
	return rest
}
