import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { EcsConfig } from "./config.ts";

/** Public subnets for the load balancer and the way out, private ones for everything that runs. */
export function createNetwork(scope: Construct, config: EcsConfig, rejected: ILogGroup): Vpc {
  return new Vpc(scope, "Vpc", {
    ipAddresses: IpAddresses.cidr("10.60.0.0/16"),
    // Named, so that synthesis asks no account and there may be three.
    availabilityZones: config.availabilityZones,
    natGateways: config.isProduction ? config.availabilityZones.length : 1,
    restrictDefaultSecurityGroup: true,
    subnetConfiguration: [
      { name: "public", subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
      { name: "app", subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
    ],
    // Image layers come from S3: not by way of the NAT gateway, which bills each of them.
    gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
    flowLogs: {
      rejected: {
        destination: FlowLogDestination.toCloudWatchLogs(rejected),
        trafficType: FlowLogTrafficType.REJECT,
      },
    },
  });
}
