{{/* `own` and then `extra`, both lists of variables: of two with one name the user's counts, and of the user's the last. */}}
{{- define "promline.environment" -}}
{{- $extra := dict -}}
{{- $names := list -}}
{{- range .extra -}}
{{- $_ := set $extra .name . -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- $all := list -}}
{{- range .own -}}
{{- if not (hasKey $extra .name) -}}
{{- $all = append $all . -}}
{{- end -}}
{{- end -}}
{{- range uniq $names -}}
{{- $all = append $all (get $extra .) -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{/* What the agent is told by variables, as {"list": […]}. A value that is empty or the default is not told: promline.toml may say it. */}}
{{- define "promline.variables" -}}
{{- $own := list -}}
{{- if include "promline.secret" . -}}
{{- $own = append $own (dict "name" "ENV_DATAWAY" "value" (printf "ENC[file:///etc/promline/dataway/%s]" .Values.datakit.dataway_secret_key)) -}}
{{- end -}}
{{- range list (list "ENV_K8S_NODE_IP" "status.hostIP") (list "NAMESPACE" "metadata.namespace") (list "PODNAME" "metadata.name") -}}
{{- $own = append $own (dict "name" (first .) "valueFrom" (dict "fieldRef" (dict "fieldPath" (last .)))) -}}
{{- end -}}
{{- range list
  (list "ENV_CLUSTER_NAME_K8S" .Values.datakit.cluster_name_k8s)
  (list "ENV_GLOBAL_HOST_TAGS" .Values.datakit.global_tags)
  (list "ENV_HTTP_LISTEN" .Values.datakit.http_listen)
  (list "ENV_LOG_LEVEL" .Values.datakit.log_level)
  (list "ENV_DEFAULT_ENABLED_INPUTS" .Values.datakit.default_enabled_inputs)
  (list "ENV_ENABLE_ELECTION" (.Values.datakit.enabled_election | toString | replace "false" "")) -}}
{{- if last . -}}
{{- $own = append $own (dict "name" (first .) "value" (last .)) -}}
{{- end -}}
{{- end -}}
{{- toJson (dict "list" $own) -}}
{{- end -}}

{{/* What the agent may do with pods, in the same form. */}}
{{- define "promline.podVariables" -}}
{{- $own := list (dict "name" "ENV_K8S_NODE_NAME" "valueFrom" (dict "fieldRef" (dict "fieldPath" "spec.nodeName"))) -}}
{{- with .Values.kubernetes -}}
{{- if .prometheus_io -}}
{{- $own = append $own (dict "name" "ENV_INPUT_CONTAINER_ENABLE_AUTO_DISCOVERY_OF_PROMETHEUS_POD_ANNOTATIONS" "value" "true") -}}
{{- end -}}
{{- if .label_tags -}}
{{- $own = append $own (dict "name" "ENV_INPUT_CONTAINER_EXTRACT_K8S_LABEL_AS_TAGS_V2_FOR_METRIC" "value" (toJson .label_tags)) -}}
{{- end -}}
{{- if .events -}}
{{- $own = append $own (dict "name" "ENV_KUBERNETES_EVENTS" "value" "true") -}}
{{- end -}}
{{- if not .sandbox -}}
{{- $own = append $own (dict "name" "ENV_KUBERNETES_SANDBOX" "value" "false") -}}
{{- end -}}
{{- if .allow_addresses -}}
{{- $own = append $own (dict "name" "ENV_KUBERNETES_ALLOW_ADDRESSES" "value" (join "," .allow_addresses)) -}}
{{- end -}}
{{- range $name, $value := .limits -}}
{{- $text := kindIs "string" $value | ternary $value (int64 $value | toString) -}}
{{- $own = append $own (dict "name" (printf "ENV_KUBERNETES_LIMIT_%s" (upper $name)) "value" $text) -}}
{{- end -}}
{{- end -}}
{{- toJson (dict "list" $own) -}}
{{- end -}}
