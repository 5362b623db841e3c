// Prints, as JSON, what only the Go types of Kubernetes say: the order of fields, which are left out when empty, their Go and
// protobuf types. Run: go run . > ../capture/go-types.json
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	networkingv1 "k8s.io/api/networking/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	resourcev1 "k8s.io/api/resource/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	storagemigrationv1 "k8s.io/api/storagemigration/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

type field struct {
	// Name in JSON; empty for a struct whose fields are inlined.
	Name   string `json:"n"`
	Type   string `json:"t"`
	Omit   string `json:"o,omitempty"`
	Number int    `json:"p,omitempty"`
	// Wire is protobuf's own word for the type: bytes, varint, fixed64.
	Wire string `json:"w,omitempty"`
	// Gaps tells of each double space in the documentation whether it is a paragraph's end (n) or two spaces (s); only when one is.
	Gaps string `json:"g,omitempty"`
	// Lower: the documentation starts with the field's name as JSON has it.
	Lower bool `json:"l,omitempty"`
}

type structure struct {
	Go     string  `json:"go"`
	Gaps   string  `json:"g,omitempty"`
	Fields []field `json:"fields"`
}

var structures = map[string]structure{}

// Types with their own JSON form.
var special = map[string]string{
	"v1.Time": "Time", "v1.MicroTime": "MicroTime", "v1.Duration": "Duration", "resource.Quantity": "Quantity",
	"intstr.IntOrString": "IntOrString", "v1.FieldsV1": "FieldsV1", "runtime.RawExtension": "RawExtension",
	"v1.JSON": "JSON", "v1.JSONSchemaPropsOrBool": "JSONSchemaPropsOrBool", "v1.JSONSchemaPropsOrArray": "JSONSchemaPropsOrArray",
	"v1.JSONSchemaPropsOrStringArray": "JSONSchemaPropsOrStringArray",
}

func typeOf(t reflect.Type) string {
	if s, ok := special[t.String()]; ok {
		if t.Name() == "JSONSchemaPropsOrBool" || t.Name() == "JSONSchemaPropsOrArray" {
			walk(reflect.TypeOf(apiextensionsv1.JSONSchemaProps{}))
		}
		return s
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + typeOf(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		if t.Name() != "" {
			return "[]<" + t.String() + ">" + typeOf(t.Elem())
		}
		return "[]" + typeOf(t.Elem())
	case reflect.Map:
		if t.Name() != "" {
			return "map<" + t.String() + ">" + typeOf(t.Elem())
		}
		return "map" + typeOf(t.Elem())
	case reflect.Struct:
		return "#" + walk(t)
	case reflect.Interface:
		return "any"
	}
	if t.PkgPath() != "" {
		return t.Kind().String() + "<" + t.String() + ">"
	}
	return t.Kind().String()
}

var gap = regexp.MustCompile(` {2,}|\n+`)

func gapsOf(doc string) string {
	gaps := ""
	for _, g := range gap.FindAllString(doc, -1) {
		if g[0] == ' ' {
			gaps += "s"
		} else {
			gaps += "n"
		}
	}
	if !strings.Contains(gaps, "s") {
		return ""
	}
	return gaps
}

func walk(t reflect.Type) string {
	name := t.PkgPath() + "." + t.Name()
	if m, ok := reflect.New(t).Interface().(interface{ OpenAPIModelName() string }); ok {
		name = m.OpenAPIModelName()
	}
	if _, ok := structures[name]; ok {
		return name
	}
	structures[name] = structure{}
	s := structure{Go: t.String(), Fields: []field{}}
	docs := map[string]string{}
	if d, ok := reflect.New(t).Interface().(interface{ SwaggerDoc() map[string]string }); ok {
		docs = d.SwaggerDoc()
	}
	s.Gaps = gapsOf(docs[""])
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := strings.Split(f.Tag.Get("json"), ",")
		if tag[0] == "-" || !f.IsExported() {
			continue
		}
		out := field{Name: tag[0], Type: typeOf(f.Type), Gaps: gapsOf(docs[tag[0]]), Lower: tag[0] != "" && strings.HasPrefix(docs[tag[0]], tag[0]+" ")}
		for _, option := range tag[1:] {
			if option == "omitempty" && out.Omit == "" {
				out.Omit = "empty"
			}
			if option == "omitzero" {
				out.Omit = "zero"
			}
		}
		if p := strings.Split(f.Tag.Get("protobuf"), ","); len(p) > 1 {
			out.Wire = p[0]
			out.Number, _ = strconv.Atoi(p[1])
		}
		s.Fields = append(s.Fields, out)
	}
	structures[name] = s
	return name
}

func main() {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, appsv1.AddToScheme, authenticationv1.AddToScheme, authorizationv1.AddToScheme,
		autoscalingv1.AddToScheme, autoscalingv2.AddToScheme, batchv1.AddToScheme, certificatesv1.AddToScheme,
		coordinationv1.AddToScheme, discoveryv1.AddToScheme, eventsv1.AddToScheme, flowcontrolv1.AddToScheme,
		networkingv1.AddToScheme, nodev1.AddToScheme, policyv1.AddToScheme, rbacv1.AddToScheme, resourcev1.AddToScheme,
		schedulingv1.AddToScheme, storagev1.AddToScheme, storagemigrationv1.AddToScheme, admissionregistrationv1.AddToScheme,
		apiextensionsv1.AddToScheme, apiregistrationv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	for kind, t := range scheme.AllKnownTypes() {
		if kind.Version == "__internal" {
			continue
		}
		walk(t)
	}
	for _, v := range []any{metav1.Status{}, metav1.Table{}, metav1.PartialObjectMetadata{}, metav1.PartialObjectMetadataList{},
		metav1.APIResourceList{}, metav1.APIGroupList{}, metav1.APIVersions{}, metav1.List{}} {
		walk(reflect.TypeOf(v))
	}
	encoder := json.NewEncoder(os.Stdout)
	if err := encoder.Encode(structures); err != nil {
		panic(err)
	}
}
