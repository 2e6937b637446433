{{/* What both DaemonSets say of their pods beside what they run. */}}
{{- define "promline.podOptions" -}}
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
terminationGracePeriodSeconds: 15
{{- end -}}

{{- define "promline.update" -}}
updateStrategy:
  type: RollingUpdate
  rollingUpdate:
    maxUnavailable: {{ .Values.maxUnavailable }}
{{- end -}}

{{/* What both containers say beside what they are told. */}}
{{- define "promline.containerOptions" -}}
{{- with .Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - { name: http, containerPort: {{ include "promline.port" . }}, protocol: TCP }
{{- range $probe := list "startupProbe" "livenessProbe" "readinessProbe" }}
{{- with get $.Values $probe }}
{{ $probe }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}
