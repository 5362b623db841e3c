/**
 * Where the description of each column comes from: a field of a type of the API, `apps.v1.DeploymentStatus.updatedReplicas`, whose
 * documentation it is (`|1`: without its last sentence, as an older version has it); or, after `=`, a text that only the table has. Source: k8s.io/kubernetes/pkg/printers/internalversion.
 */

/** Columns that mean the same everywhere, unless a resource says otherwise. */
export const COMMON: Readonly<Record<string, string>> = {
  Name: 'meta.v1.ObjectMeta.name',
  Age: 'meta.v1.ObjectMeta.creationTimestamp',
  'Created At': 'meta.v1.ObjectMeta.creationTimestamp',
  Containers: '=Names of each container in the template.',
  Images: '=Images referenced by each container in the template.',
};

/** By `pods` or `deployments.apps`, then by column. */
export const DESCRIPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  componentstatuses: {
    Status: '=Status of the component conditions',
    Message: '=Message of the component conditions',
    Error: '=Error of the component conditions',
  },
  configmaps: { Data: 'core.v1.ConfigMap.data' },
  endpoints: { Endpoints: 'core.v1.Endpoints.subsets' },
  events: {
    'Last Seen': 'core.v1.Event.lastTimestamp',
    Type: 'core.v1.Event.type',
    Reason: 'core.v1.Event.reason',
    Object: 'core.v1.Event.involvedObject',
    Subobject: 'core.v1.ObjectReference.fieldPath',
    Source: 'core.v1.Event.source',
    Message: 'core.v1.Event.message',
    'First Seen': 'core.v1.Event.firstTimestamp',
    Count: 'core.v1.Event.count',
  },
  namespaces: { Status: '=The status of the namespace' },
  nodes: {
    Status: '=The status of the node',
    Roles: '=The roles of the node',
    Version: 'core.v1.NodeSystemInfo.kubeletVersion',
    'Internal-IP': 'core.v1.NodeStatus.addresses',
    'External-IP': 'core.v1.NodeStatus.addresses',
    'OS-Image': 'core.v1.NodeSystemInfo.osImage',
    'Kernel-Version': 'core.v1.NodeSystemInfo.kernelVersion',
    'Container-Runtime': 'core.v1.NodeSystemInfo.containerRuntimeVersion',
  },
  persistentvolumeclaims: {
    Status: 'core.v1.PersistentVolumeClaimStatus.phase',
    Volume: 'core.v1.PersistentVolumeClaimSpec.volumeName',
    Capacity: 'core.v1.PersistentVolumeClaimStatus.capacity',
    'Access Modes': 'core.v1.PersistentVolumeClaimStatus.accessModes',
    StorageClass: '=StorageClass of the pvc',
    VolumeAttributesClass: '=VolumeAttributesClass of the pvc',
    VolumeMode: 'core.v1.PersistentVolumeClaimSpec.volumeMode',
  },
  persistentvolumes: {
    Capacity: 'core.v1.PersistentVolumeSpec.capacity',
    'Access Modes': 'core.v1.PersistentVolumeSpec.accessModes',
    'Reclaim Policy': 'core.v1.PersistentVolumeSpec.persistentVolumeReclaimPolicy',
    Status: 'core.v1.PersistentVolumeStatus.phase',
    Claim: 'core.v1.PersistentVolumeSpec.claimRef',
    StorageClass: '=StorageClass of the pv',
    VolumeAttributesClass: '=VolumeAttributesClass of the pv',
    Reason: 'core.v1.PersistentVolumeStatus.reason',
    VolumeMode: 'core.v1.PersistentVolumeSpec.volumeMode',
  },
  pods: {
    Ready: '=The aggregate readiness state of this pod for accepting traffic.',
    Status: '=The aggregate status of the containers in this pod.',
    Restarts:
      '=The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    IP: 'core.v1.PodStatus.podIP',
    Node: 'core.v1.PodSpec.nodeName',
    'Nominated Node': 'core.v1.PodStatus.nominatedNodeName',
    'Readiness Gates': 'core.v1.PodSpec.readinessGates',
  },
  podtemplates: { 'Pod Labels': '=The labels for the pod template.' },
  replicationcontrollers: {
    Desired: 'core.v1.ReplicationControllerSpec.replicas',
    Current: 'core.v1.ReplicationControllerStatus.replicas',
    Ready: 'core.v1.ReplicationControllerStatus.readyReplicas',
    Selector: 'core.v1.ReplicationControllerSpec.selector',
  },
  resourcequotas: {
    Request: '=Request represents a minimum amount of cpu/memory that a container may consume.',
    Limit:
      '=Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
  },
  secrets: { Type: 'core.v1.Secret.type', Data: 'core.v1.Secret.data' },
  services: {
    Type: 'core.v1.ServiceSpec.type',
    'Cluster-IP': 'core.v1.ServiceSpec.clusterIP',
    'External-IP': 'core.v1.ServiceSpec.externalIPs',
    'Port(s)': 'core.v1.ServiceSpec.ports',
    Selector: 'core.v1.ServiceSpec.selector',
  },
  'controllerrevisions.apps': {
    Controller: '=Controller of the object',
    Revision: 'apps.v1.ControllerRevision.revision',
  },
  'daemonsets.apps': {
    Desired: 'apps.v1.DaemonSetStatus.desiredNumberScheduled',
    Current: 'apps.v1.DaemonSetStatus.currentNumberScheduled',
    Ready: 'apps.v1.DaemonSetStatus.numberReady',
    'Up-to-date': 'apps.v1.DaemonSetStatus.updatedNumberScheduled',
    Available: 'apps.v1.DaemonSetStatus.numberAvailable',
    'Node Selector': 'core.v1.PodSpec.nodeSelector',
    Selector: 'apps.v1.DaemonSetSpec.selector',
  },
  'deployments.apps': {
    Ready: '=Number of the pod with ready state',
    'Up-to-date': 'apps.v1.DeploymentStatus.updatedReplicas',
    Available: 'apps.v1.DeploymentStatus.availableReplicas',
    Selector: 'apps.v1.DeploymentSpec.selector',
  },
  'replicasets.apps': {
    Desired: 'apps.v1.ReplicaSetSpec.replicas',
    Current: 'apps.v1.ReplicaSetStatus.replicas',
    Ready: 'apps.v1.ReplicaSetStatus.readyReplicas',
    Selector: 'apps.v1.ReplicaSetSpec.selector',
  },
  'statefulsets.apps': { Ready: '=Number of the pod with ready state' },
  'horizontalpodautoscalers.autoscaling': {
    Reference: 'autoscaling.v2.HorizontalPodAutoscalerSpec.scaleTargetRef',
    Targets: 'autoscaling.v2.HorizontalPodAutoscalerSpec.metrics',
    MinPods: 'autoscaling.v2.HorizontalPodAutoscalerSpec.minReplicas',
    MaxPods: 'autoscaling.v2.HorizontalPodAutoscalerSpec.maxReplicas',
    Replicas: 'autoscaling.v2.HorizontalPodAutoscalerStatus.currentReplicas',
  },
  'cronjobs.batch': {
    Schedule: 'batch.v1.CronJobSpec.schedule',
    Timezone: 'batch.v1.CronJobSpec.timeZone',
    Suspend: 'batch.v1.CronJobSpec.suspend',
    Active: 'batch.v1.CronJobStatus.active',
    'Last Schedule': 'batch.v1.CronJobStatus.lastScheduleTime',
    Selector: 'batch.v1.JobSpec.selector',
  },
  'jobs.batch': {
    Status: '=Status of the job.',
    Completions: 'batch.v1.JobStatus.succeeded',
    Duration: '=Time required to complete the job.',
    Selector: 'batch.v1.JobSpec.selector',
  },
  'certificatesigningrequests.certificates.k8s.io': {
    SignerName:
      '=Requested signer for the request. It is a qualified name in the form: `scope-hostname.io/name`. If empty, it will be defaulted:\n 1. If it\'s a kubelet client certificate, it is assigned\n    "kubernetes.io/kube-apiserver-client-kubelet".\n 2. If it\'s a kubelet serving certificate, it is assigned\n    "kubernetes.io/kubelet-serving".\n 3. Otherwise, it is assigned "kubernetes.io/legacy-unknown".\nDistribution of trust for signers happens out of band. You can select on this field using `spec.signerName`.',
    Requestor: '=Base64-encoded PKCS#10 CSR data',
    RequestedDuration: 'certificates.v1.CertificateSigningRequestSpec.expirationSeconds',
    Condition: '=Conditions applied to the request, such as approval or denial.',
  },
  'clustertrustbundles.certificates.k8s.io': { SignerName: 'certificates.v1.ClusterTrustBundleSpec.signerName' },
  'podcertificaterequests.certificates.k8s.io': {
    PodName: 'certificates.v1.PodCertificateRequestSpec.podName',
    ServiceAccountName: 'certificates.v1.PodCertificateRequestSpec.serviceAccountName',
    NodeName: 'certificates.v1.PodCertificateRequestSpec.nodeName',
    SignerName: 'certificates.v1.PodCertificateRequestSpec.signerName',
    State: '=Is the request Pending, Issued, Denied, or Failed?',
    UnverifiedUserAnnotations: 'certificates.v1.PodCertificateRequestSpec.unverifiedUserAnnotations',
  },
  'ingressclasses.networking.k8s.io': {
    Controller: '=Controller that is responsible for handling this class',
    Parameters: '=A reference to a resource with additional parameters',
  },
  'ingresses.networking.k8s.io': {
    Class: '=The name of the IngressClass resource that should be used for additional configuration',
    Hosts: '=Hosts that incoming requests are matched against before the ingress rule',
    Address: '=Address is a list containing ingress points for the load-balancer',
    Ports: '=Ports of TLS configurations that open',
  },
  'ipaddresses.networking.k8s.io': { ParentRef: 'networking.v1.IPAddressSpec.parentRef' },
  'networkpolicies.networking.k8s.io': { 'Pod-Selector': 'networking.v1.NetworkPolicySpec.podSelector' },
  'servicecidrs.networking.k8s.io': {
    CIDRs:
      '=cidrs defines the IP blocks in CIDR notation (e.g. "192.168.0.0/24" or "2001:db8::/64") from which to assign service cluster IPs. Max of two CIDRs is allowed, one of each IP family. This field is immutable.',
  },
  'poddisruptionbudgets.policy': {
    'Min Available': '=The minimum number of pods that must be available.',
    'Max Unavailable': '=The maximum number of pods that may be unavailable.',
    'Allowed Disruptions': '=Calculated number of pods that may be disrupted at this time.',
  },
  'clusterrolebindings.rbac.authorization.k8s.io': {
    Role: 'rbac.v1.ClusterRoleBinding.roleRef|1',
    Users: '=Users in the clusterRoleBinding',
    Groups: '=Groups in the clusterRoleBinding',
    ServiceAccounts: '=ServiceAccounts in the clusterRoleBinding',
  },
  'rolebindings.rbac.authorization.k8s.io': {
    Role: 'rbac.v1.RoleBinding.roleRef|1',
    Users: '=Users in the roleBinding',
    Groups: '=Groups in the roleBinding',
    ServiceAccounts: '=ServiceAccounts in the roleBinding',
  },
  'csidrivers.storage.k8s.io': {
    AttachRequired: 'storage.v1.CSIDriverSpec.attachRequired',
    PodInfoOnMount: 'storage.v1.CSIDriverSpec.podInfoOnMount',
    StorageCapacity: 'storage.v1.CSIDriverSpec.storageCapacity',
    TokenRequests: 'storage.v1.CSIDriverSpec.tokenRequests',
    RequiresRepublish: 'storage.v1.CSIDriverSpec.requiresRepublish',
    Modes: 'storage.v1.CSIDriverSpec.volumeLifecycleModes',
  },
  'csinodes.storage.k8s.io': { Drivers: '=Drivers indicates the number of CSI drivers registered on the node' },
  'storageclasses.storage.k8s.io': {
    Provisioner: 'storage.v1.StorageClass.provisioner',
    ReclaimPolicy: 'storage.v1.StorageClass.reclaimPolicy',
    VolumeBindingMode: 'storage.v1.StorageClass.volumeBindingMode',
    AllowVolumeExpansion: 'storage.v1.StorageClass.allowVolumeExpansion',
  },
  'volumeattachments.storage.k8s.io': {
    Attacher: 'storage.v1.VolumeAttachmentSpec.attacher',
    PV: 'storage.v1.VolumeAttachmentSource.persistentVolumeName',
    Node: 'storage.v1.VolumeAttachmentSpec.nodeName',
    Attached: 'storage.v1.VolumeAttachmentStatus.attached',
  },
  'volumeattributesclasses.storage.k8s.io': {
    DriverName: '=driverName is the name of the CSI driver This field is immutable.',
  },
  'mutatingadmissionpolicies.admissionregistration.k8s.io': {
    Mutations: '=Mutation indicates the number of mutations rules defined in this configuration',
    ParamKind: '=ParamKind specifies the kind of resources used to parameterize this policy',
  },
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': {
    PolicyName: '=PolicyName indicates the policy definition which the policy binding binded to',
    ParamRef: '=ParamRef indicates the param resource which sets the configuration param',
  },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': {
    Webhooks: '=Webhooks indicates the number of webhooks registered in this configuration',
  },
  'validatingadmissionpolicies.admissionregistration.k8s.io': {
    Validations: '=Validations indicates the number of validation rules defined in this configuration',
    ParamKind: '=ParamKind specifies the kind of resources used to parameterize this policy',
  },
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': {
    PolicyName: '=PolicyName indicates the policy definition which the policy binding binded to',
    ParamRef: '=ParamRef indicates the param resource which sets the configuration param',
  },
  'validatingwebhookconfigurations.admissionregistration.k8s.io': {
    Webhooks: '=Webhooks indicates the number of webhooks registered in this configuration',
  },
  'priorityclasses.scheduling.k8s.io': {
    Value: 'scheduling.v1.PriorityClass.value',
    'Global-Default': 'scheduling.v1.PriorityClass.globalDefault',
    PreemptionPolicy: 'scheduling.v1.PriorityClass.preemptionPolicy',
  },
  'leases.coordination.k8s.io': { Holder: 'coordination.v1.LeaseSpec.holderIdentity' },
  'runtimeclasses.node.k8s.io': { Handler: '=' },
  'endpointslices.discovery.k8s.io': {
    AddressType: 'discovery.v1.EndpointSlice.addressType',
    Ports: 'discovery.v1.EndpointSlice.ports',
    Endpoints: 'discovery.v1.EndpointSlice.endpoints',
  },
  'devicetaintrules.resource.k8s.io': {
    Key: 'resource.v1.DeviceTaint.key',
    Value: 'resource.v1.DeviceTaint.value',
    Effect: 'resource.v1.DeviceTaint.effect',
    TimeAdded: 'resource.v1.DeviceTaint.timeAdded',
  },
  'resourceclaims.resource.k8s.io': { State: '=A summary of the current state (allocated, pending, reserved, etc.).' },
  'resourceslices.resource.k8s.io': {
    Node: 'resource.v1.ResourceSliceSpec.nodeName',
    Driver: 'resource.v1.ResourceSliceSpec.driver',
    Pool: '=Name is used to identify the pool. For node-local devices, this is often the node name, but this is not required. A field selector can be used to list only ResourceSlice objects belonging to a certain pool.\n\nIt must not be longer than 253 characters and must consist of one or more DNS sub-domains separated by slashes. This field is immutable.',
  },
  'flowschemas.flowcontrol.apiserver.k8s.io': {
    PriorityLevel: 'flowcontrol.v1.PriorityLevelConfigurationReference.name',
    MatchingPrecedence: 'flowcontrol.v1.FlowSchemaSpec.matchingPrecedence',
    DistinguisherMethod: 'flowcontrol.v1.FlowSchemaSpec.distinguisherMethod',
    MissingPL: '=references a broken or non-existent PriorityLevelConfiguration',
  },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': {
    Type: 'flowcontrol.v1.PriorityLevelConfigurationSpec.type',
    NominalConcurrencyShares: 'flowcontrol.v1.LimitedPriorityLevelConfiguration.nominalConcurrencyShares',
    Queues: 'flowcontrol.v1.QueuingConfiguration.queues',
    HandSize: 'flowcontrol.v1.QueuingConfiguration.handSize',
    QueueLengthLimit: 'flowcontrol.v1.QueuingConfiguration.queueLengthLimit',
  },
  'storageversionmigrations.storagemigration.k8s.io': {
    Resource: '=GroupResource to migrate',
    Status: '=Status of the migration',
  },
  'customresourcedefinitions.apiextensions.k8s.io': {
    Scope: '=Cluster/Namespaced',
    Versions: '=Served versions',
    Group: '=API group',
    Kind: '=CustomResource kind',
    ShortNames: '=Short names',
    Established: '=Established status',
  },
  'apiservices.apiregistration.k8s.io': {
    Service: '=The reference to the service that hosts this API endpoint.',
    Available: '=Whether this service is available.',
  },
};
