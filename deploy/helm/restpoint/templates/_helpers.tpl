{{- define "restpoint.name" -}}
{{- if contains "restpoint" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-restpoint" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "restpoint.selector" -}}
app.kubernetes.io/name: restpoint
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The pod that takes writes. */}}
{{- define "restpoint.primary" -}}
{{ include "restpoint.selector" . }}
{{- if gt (int .Values.replicas) 1 }}
{{- if ge (int .Values.primary) (int .Values.replicas) }}
{{- fail (printf "primary is %d, and the pods are 0 to %d" (int .Values.primary) (sub (int .Values.replicas) 1)) }}
{{- end }}
statefulset.kubernetes.io/pod-name: {{ include "restpoint.name" . }}-{{ int .Values.primary }}
{{- end }}
{{- end }}

{{- define "restpoint.labels" -}}
{{ include "restpoint.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "restpoint.secret" -}}
{{ .Values.secret | default (include "restpoint.name" .) }}
{{- end }}

{{- define "restpoint.image" -}}
image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- with .Values.image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
{{- end }}

{{/* Every name under which a pod's API is reached inside the cluster. */}}
{{- define "restpoint.hosts" -}}
{{- $hosts := list }}
{{- range $name := list (include "restpoint.name" .) (printf "$(POD_NAME).%s-pods" (include "restpoint.name" .)) }}
{{- range $end := list "" ".$(POD_NAMESPACE)" ".$(POD_NAMESPACE).svc" ".$(POD_NAMESPACE).svc.cluster.local" }}
{{- $hosts = append $hosts (printf "%s%s" $name $end) }}
{{- end }}
{{- end }}
{{- concat $hosts .Values.restpoint.allowedHosts | join "," }}
{{- end }}

{{- define "restpoint.restricted" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{- define "restpoint.claim" -}}
spec:
  accessModes: [ReadWriteOnce]
  {{- with .class }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests:
      storage: {{ .size }}
{{- end }}
