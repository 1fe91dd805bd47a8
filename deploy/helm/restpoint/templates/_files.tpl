{{/* A number as people write it, and not as 1e+06. */}}
{{- define "restpoint.plain" -}}
{{ if kindIs "string" . }}{{ . }}{{ else }}{{ toJson . }}{{ end }}
{{- end }}

{{- define "restpoint.toml" -}}
[server]
listen = "0.0.0.0:5000"
unix_socket = "/run/restpoint/restpoint.sock"

[pgbackrest]
config = "/etc/pgbackrest/pgbackrest.conf"
stanza = {{ .Values.stanza | quote }}

[postgres]
socket_dir = "/run/postgresql"
data_dir = "/var/lib/postgresql/data/pgdata"
control = "agent"
# On the volume of the data: the hold of a restore that is under way stands beside the socket, and must outlive the pod.
control_socket = "/var/lib/postgresql/data/agent/agent.sock"

[state]
dir = "/var/lib/restpoint/state"

[jobs]
stop_grace_s = {{ int .Values.restpoint.stopGraceSeconds }}

[shutdown]
running_jobs = "stop"
grace_s = {{ int .Values.restpoint.shutdownGraceSeconds }}

[log]
format = "json"
{{- with .Values.restpoint.configuration }}

{{ . | trim }}
{{- end }}
{{- range .Values.schedules }}

[[schedule]]
{{- range $key, $value := . }}
{{ $key }} = {{ toJson $value }}
{{- end }}
{{- if and (gt (int $.Values.replicas) 1) (not (hasKey . "claim")) }}
claim = true
{{- end }}
{{- end }}
{{- end }}

{{- define "restpoint.pgbackrest" -}}
[global]
{{- range $option, $value := .Values.repo.options }}
{{ $option }}={{ include "restpoint.plain" $value }}
{{- end }}
log-level-file=off
# One folder for both containers: archive-push runs in the database's, backups in restpoint's.
lock-path=/run/pgbackrest
{{- if .Values.repo.asyncPush }}
archive-async=y
spool-path=/var/spool/pgbackrest

[global:archive-push]
process-max={{ int .Values.repo.asyncPush }}
{{- end }}

[{{ .Values.stanza }}]
pg1-path=/var/lib/postgresql/data/pgdata
pg1-port=5432
pg1-socket-path=/run/postgresql
{{- end }}

{{- define "restpoint.postgresql" -}}
# In place of the image's; the data directory's postgresql.conf includes it. Never as '-c' on the server's command line: a restore
# holds archiving by a setting of its own, which a command line would win over.
archive_mode = on
archive_command = 'pgbackrest --config=/etc/pgbackrest/pgbackrest.conf --stanza={{ .Values.stanza }} archive-push %p'
archive_timeout = 60s
wal_level = replica
{{- range $name, $value := .Values.postgres.settings }}
{{ $name }} = '{{ include "restpoint.plain" $value | replace "\\" "\\\\" | replace "'" "''" }}'
{{- end }}
{{- end }}
