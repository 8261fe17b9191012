/*
 * The replay beside ns-3, in one run: the same bulk TCP over the same dumbbell.
 *
 *     server -- 1 Gbit/s, 1 ms -- router -- 8/1 Mbit/s, 20 ms, 64 KB drop tail -- client
 *
 * Twenty CUBIC downloads, started 50 ms apart, segments of 1448 bytes with timestamps, two bytes of
 * link overhead. Prints what both sent over the bottleneck per CPU second, and their goodput.
 *
 *     build/bench/replay-ns3 [SIMULATED_SECONDS [PAIRS]]
 */
#include <ruralnet/replay.h>

#include <ns3/applications-module.h>
#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>
#include <ns3/traffic-control-module.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

namespace
{

constexpr uint32_t flows = 20;
constexpr uint32_t segment_bytes = 1448;
constexpr uint32_t ip_bytes = 1500;
constexpr uint32_t buffer_bytes = 65536;
constexpr uint64_t down_bps = 8000000;
constexpr uint64_t up_bps = 1000000;
constexpr int64_t line_delay_ns = 20000000;
constexpr int64_t server_delay_ns = 1000000;
constexpr int64_t apart_ns = 50000000;
constexpr int64_t second_ns = 1000000000;
constexpr int replays_per_pair = 20; /* one is too short for the clock */

struct result {
    uint64_t packets; /* sent over the bottleneck, both ways */
    double cpu_s;
    double goodput_bps;
};

double
cpu_now_s()
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/* --- the replay --------------------------------------------------------------------------- */

rnet_link
bottleneck()
{
    rnet_link link = {};

    link.framing = RNET_FRAMING_IP;
    link.overhead_bytes = 2;
    link.mtu_bytes = ip_bytes;
    link.direction[RNET_DOWN].rate_bps = down_bps;
    link.direction[RNET_UP].rate_bps = up_bps;
    for (rnet_link_direction &direction : link.direction) {
        direction.delay_ns = line_delay_ns;
        direction.buffer_bytes = buffer_bytes;
    }
    return link;
}

result
replay(int64_t seconds)
{
    std::vector<rnet_conversation> conversations(flows);
    std::vector<rnet_message> messages(flows);
    rnet_demand demand = {};
    rnet_replay_options options = {};
    rnet_outcomes outcomes = {};
    const rnet_link link = bottleneck();
    uint64_t again = 0;
    result found = {};

    for (uint32_t i = 0; i < flows; i++) {
        conversations[i].start_ns = conversations[i].end_ns = i * apart_ns;
        conversations[i].rtt_internet_ns = 2 * server_delay_ns;
        conversations[i].rtt_office_ns = -1;
        conversations[i].first_item = i;
        conversations[i].items = 1;
        conversations[i].flags = RNET_CONVERSATION_HANDSHAKE_SEEN | RNET_CONVERSATION_TIMESTAMPS;
        messages[i].start_ns = messages[i].end_ns = i * apart_ns;
        messages[i].bytes = UINT64_C(1) << 34;
        messages[i].direction = RNET_DOWN;
        messages[i].release = RNET_RELEASE_OPEN;
    }
    demand.conversations = conversations.data();
    demand.messages = messages.data();
    demand.conversation_count = demand.message_count = flows;
    demand.end_ns = seconds * second_ns;
    options.max_time_ns = 1;
    const double begun_s = cpu_now_s();
    for (int i = 0; i < replays_per_pair; i++)
        rnet_replay_run(&demand, &link, &options, &outcomes, nullptr);
    found.cpu_s = (cpu_now_s() - begun_s) / replays_per_pair;
    for (const rnet_line_outcome &line : outcomes.line)
        found.packets += line.packets_out;
    for (uint32_t i = 0; i < flows; i++)
        again += outcomes.messages[i].retransmissions;
    /* What left the bottleneck, less what left it for the second time or instead of a lost one. */
    const rnet_line_outcome &down = outcomes.line[RNET_DOWN];
    found.goodput_bps =
        static_cast<double>(down.packets_out + down.packets_dropped - again) * segment_bytes * 8 /
        static_cast<double>(seconds);
    rnet_outcomes_clear(&outcomes);
    return found;
}

/* --- ns-3 --------------------------------------------------------------------------------- */

uint64_t ns3_packets;

void
count_packet(ns3::Ptr<const ns3::Packet>)
{
    ns3_packets++;
}

void
configure_tcp()
{
    using namespace ns3;

    Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TcpCubic::GetTypeId()));
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(segment_bytes));
    Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(4194304));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(4194304));
}

ns3::NetDeviceContainer
connect(ns3::Ptr<ns3::Node> left, ns3::Ptr<ns3::Node> right, uint64_t bps, int64_t delay_ns,
        uint32_t queue_bytes)
{
    ns3::PointToPointHelper helper;

    helper.SetDeviceAttribute("DataRate", ns3::DataRateValue(ns3::DataRate(bps)));
    helper.SetChannelAttribute("Delay", ns3::TimeValue(ns3::NanoSeconds(delay_ns)));
    helper.SetQueue("ns3::DropTailQueue", "MaxSize",
                    ns3::QueueSizeValue(ns3::QueueSize(ns3::QueueSizeUnit::BYTES, queue_bytes)));
    return helper.Install(left, right);
}

/* No queue of the router's own: only the device's buffer. */
ns3::Ipv4InterfaceContainer
number(const ns3::NetDeviceContainer &devices, const char *network)
{
    ns3::Ipv4AddressHelper addresses(network, "255.255.255.0");
    ns3::Ipv4InterfaceContainer interfaces = addresses.Assign(devices);
    ns3::TrafficControlHelper helper;

    helper.Uninstall(devices);
    return interfaces;
}

ns3::ApplicationContainer
download(ns3::Ptr<ns3::Node> server, ns3::Ptr<ns3::Node> client, ns3::Ipv4Address address,
         int64_t seconds)
{
    using namespace ns3;
    ApplicationContainer sinks;

    for (uint32_t i = 0; i < flows; i++) {
        const auto port = static_cast<uint16_t>(5000 + i);
        PacketSinkHelper sink("ns3::TcpSocketFactory",
                              InetSocketAddress(Ipv4Address::GetAny(), port));
        BulkSendHelper source("ns3::TcpSocketFactory", InetSocketAddress(address, port));
        source.SetAttribute("SendSize", UintegerValue(segment_bytes));
        ApplicationContainer sources = source.Install(server);

        sources.Start(NanoSeconds(i * apart_ns));
        sources.Stop(Seconds(static_cast<double>(seconds)));
        sinks.Add(sink.Install(client));
    }
    return sinks;
}

result
simulate(int64_t seconds)
{
    using namespace ns3;
    NodeContainer nodes(3);
    InternetStackHelper stack;
    result found = {};

    configure_tcp();
    stack.Install(nodes);
    number(connect(nodes.Get(0), nodes.Get(1), 1000000000, server_delay_ns, 16 * buffer_bytes),
           "10.1.1.0");
    NetDeviceContainer line = 
        connect(nodes.Get(1), nodes.Get(2), down_bps, line_delay_ns, buffer_bytes);
    line.Get(1)->SetAttribute("DataRate", DataRateValue(DataRate(up_bps)));
    const Ipv4InterfaceContainer ends = number(line, "10.1.2.0");
    Ipv4GlobalRoutingHelper::PopulateRoutingTables();
    for (uint32_t i = 0; i < line.GetN(); i++)
        line.Get(i)->TraceConnectWithoutContext("PhyTxBegin", MakeCallback(&count_packet));
    const ApplicationContainer sinks =
        download(nodes.Get(0), nodes.Get(2), ends.GetAddress(1), seconds);

    ns3_packets = 0;
    Simulator::Stop(Seconds(static_cast<double>(seconds)));
    const double begun_s = cpu_now_s();
    Simulator::Run();
    found.cpu_s = cpu_now_s() - begun_s;
    found.packets = ns3_packets;
    for (uint32_t i = 0; i < sinks.GetN(); i++)
        found.goodput_bps += static_cast<double>(
                                 DynamicCast<PacketSink>(sinks.Get(i))->GetTotalRx()) *
                             8 / static_cast<double>(seconds);
    Simulator::Destroy();
    return found;
}

/* --- both --------------------------------------------------------------------------------- */

double
median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

double
packets_per_s(const result &found)
{
    return static_cast<double>(found.packets) / found.cpu_s;
}

void
print(const char *name, const result &found, double per_s)
{
    std::printf("%-8s %10llu packets  %8.3f CPU s  %10.0f packets per CPU s  goodput %.3f Mbit/s\n",
                name, static_cast<unsigned long long>(found.packets), found.cpu_s, per_s,
                found.goodput_bps * 1e-6);
}

} // namespace

int
main(int argc, char **argv)
{
    const int64_t seconds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 60;
    const int pairs = argc > 2 ? std::max(1, std::atoi(argv[2])) : 3;
    std::vector<double> ours_per_s, theirs_per_s, ratios;
    result ours = {}, theirs = {};

    for (int i = 0; i < pairs; i++) {
        ours = replay(seconds);
        theirs = simulate(seconds);
        ours_per_s.push_back(packets_per_s(ours));
        theirs_per_s.push_back(packets_per_s(theirs));
        ratios.push_back(packets_per_s(ours) / packets_per_s(theirs));
    }
    std::printf("%lld simulated seconds, %u flows; medians of %d pairs, one after the other\n",
                static_cast<long long>(seconds), flows, pairs);
    print("replay", ours, median(ours_per_s));
    print("ns-3", theirs, median(theirs_per_s));
    std::printf("ratio    %.0f times as fast; goodput %+.2f %%\n", median(ratios),
                100 * (ours.goodput_bps / theirs.goodput_bps - 1));
    std::printf("figure\tpackets per CPU second/replay\t%.0f\tpackets/CPU-s\tmore\n",
                median(ours_per_s));
    std::printf("figure\tpackets per CPU second/ns-3\t%.0f\tpackets/CPU-s\tneither\n",
                median(theirs_per_s));
    std::printf("figure\ttimes as fast as ns-3\t%.1f\tratio\tmore\n", median(ratios));
    std::printf("figure\tgoodput beside ns-3\t%.3f\t%%\tneither\n",
                100 * (ours.goodput_bps / theirs.goodput_bps - 1));
    return EXIT_SUCCESS;
}
