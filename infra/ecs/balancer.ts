import { type ISecurityGroup, Peer, Port, SecurityGroup, type Vpc } from "aws-cdk-lib/aws-ec2";
import type { FargateService } from "aws-cdk-lib/aws-ecs";
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  DesyncMitigationMode,
  ListenerCertificate,
  SslPolicy,
} from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { IDLE_SECONDS, PATHS, PORTS } from "../shared/runtime-contract.ts";
import type { EcsConfig } from "./config.ts";

/** The load balancer before the API, open to the configured addresses only. Streams stay open: they beat every 15 s. */
export function createBalancer(
  scope: Construct,
  config: EcsConfig,
  { vpc, api }: { readonly vpc: Vpc; readonly api: FargateService },
) {
  const group = new SecurityGroup(scope, "BalancerGroup", { vpc, allowAllOutbound: false });
  const balancer = new ApplicationLoadBalancer(scope, "Balancer", {
    vpc,
    internetFacing: config.isPublic,
    securityGroup: group,
    deletionProtection: config.isProduction,
    dropInvalidHeaderFields: true,
    desyncMitigationMode: DesyncMitigationMode.STRICTEST,
    idleTimeout: Duration.seconds(IDLE_SECONDS),
  });
  balancer.logAccessLogs(accessLogs(scope, config));
  const listener = listen(balancer, config);
  open(group, config, listener.port);
  const targets = listener.addTargets("Api", {
    port: PORTS.http,
    protocol: ApplicationProtocol.HTTP,
    targets: [api],
    deregistrationDelay: Duration.seconds(30),
    healthCheck: {
      path: PATHS.ready,
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 3,
    },
  });
  return { balancer, targets };
}

function listen(balancer: ApplicationLoadBalancer, { certificateArn }: EcsConfig) {
  // Without a certificate only inside, and never in production: the configuration refuses it.
  if (certificateArn === undefined)
    return balancer.addListener("Http", { port: 80, protocol: ApplicationProtocol.HTTP, open: false });
  balancer.addRedirect({ sourcePort: 80, targetPort: 443, open: false });
  return balancer.addListener("Https", {
    port: 443,
    protocol: ApplicationProtocol.HTTPS,
    certificates: [ListenerCertificate.fromArn(certificateArn)],
    sslPolicy: SslPolicy.TLS13_RES,
    open: false,
  });
}

function open(group: ISecurityGroup, { allowedCidrs, isPublic }: EcsConfig, port: number): void {
  for (const cidr of allowedCidrs)
    for (const own of new Set([80, port])) group.addIngressRule(Peer.ipv4(cidr), Port.tcp(own), "callers");
  if (isPublic && allowedCidrs.includes("0.0.0.0/0"))
    Validations.of(group).acknowledge({
      id: "AwsSolutions-EC23",
      reason: "The configuration opens the API to everybody in so many words; TLS is required then.",
    });
}

function accessLogs(scope: Construct, config: EcsConfig): Bucket {
  const bucket = new Bucket(scope, "AccessLogs", {
    // Load balancers can write to nothing else.
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    lifecycleRules: [{ expiration: Duration.days(config.logDays) }],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Validations.of(bucket).acknowledge({
    id: "AwsSolutions-S1",
    reason: "It is the bucket that access logs go to; logging access to it would never end.",
  });
  return bucket;
}
