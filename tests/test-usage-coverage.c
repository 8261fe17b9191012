/* Breadth: what offices of today use, by server name, by port and by first bytes. Names of services
 * and first messages as their makers or standards give them, written down apart from the tables. */
#include "suite.h"
#include "usage-packets.h"

#include "base/base.h"
#include "usage/names.h"

#define NOWHERE 47001 /* a port nobody uses */

/* Blank between names. Sure enough to decide against a carrier's opinion (0.6). */
static const struct {
    enum rnet_usage usage;
    const char *names;
} hosts[] = {
    {RNET_USAGE_VIDEOCONFERENCE,
     "us04web.zoom.us zoomfrn128mmr.fra.zoom.us explore.zoom.us teams.microsoft.com "
     "teams.live.com teams.cloud.microsoft statics.teams.cdn.office.net "
     "worldaz.tr.teams.microsoft.com eu-api.asm.skype.com "
     "api.flightproxy.teams.microsoft.com config.teams.trafficmanager.net "
     "meet.google.com meetings.clients6.google.com stream.meet.google.com "
     "hangouts.google.com wbx2.com mercury-connection-a.wbx2.com idbroker.webex.com "
     "meet.jit.si 8x8.vc beta-meet-jit-si-turnrelay.jitsi.net kmeet.infomaniak.com "
     "visio.numerique.gouv.fr webconf.numerique.gouv.fr webinaire.numerique.gouv.fr "
     "rendez-vous.renater.fr whereby.com app.livestorm.co global.gotomeeting.com "
     "facetime.apple.com tixeo.com bbb.example.org jitsi.mairie.fr "
     "meet.entreprise.fr framatalk.org visio.example.fr dailyco.daily.co "
     "livekit.cloud starleaf.com app.glowbl.com meet.proton.me demodesk.com "
     "ucm.btrtc.whereby.com app.klaxoon.com videoconference.apps.education.fr "},
    {RNET_USAGE_VOIP, "sip.ovh.fr siptrunk.ovh.net sip.freephonie.net pbx.example.fr "
                      "entreprise.3cx.fr acme.my3cx.fr acme.on3cx.fr webphone.ringover.com "
                      "phone.aircall.io sip.keyyo.net sbc.example.com ringcentral.eu dialpad.com "
                      "openrainbow.com sip.linphone.org voice.google.com ims.orange.fr "
                      "sbct3g.orange-multimedia.net sip.wazo.io zoiper.com sip.twilio.com "
                      "voip.bouyguestelecom.fr sip.sfr.fr mumble.example.org "},
    {RNET_USAGE_MESSAGING,
     "web.whatsapp.com g.whatsapp.net mmg.whatsapp.net chat.signal.org "
     "storage.signal.org gateway.discord.gg discord.com cdn.discordapp.com "
     "slack.com edgeapi.slack.com wss-primary.slack.com venus.web.telegram.org "
     "threema.ch prod-nginz-https.wire.com matrix.org app.element.io tchap.gouv.fr "
     "matrix.agent.tchap.gouv.fr olvid.io chat.google.com messenger.com "
     "edge-chat.facebook.com viber.com mattermost.example.fr "
     "1-courier.push.apple.com mtalk.google.com wns.windows.com whaller.com "
     "twake.app citadel.team skred.mobi jamespot.pro yammer.com "},
    {RNET_USAGE_EMAIL,
     "outlook.office365.com outlook.office.com outlook.live.com smtp.office365.com "
     "autodiscover-s.outlook.com eur-onmicrosoft-com.mail.protection.outlook.com "
     "attachments.office.net mail.google.com imap.gmail.com smtp.gmail.com "
     "ssl0.ovh.net pro1.mail.ovh.net ex5.mail.ovh.net zimbra1.mail.ovh.net "
     "imap.ionos.fr smtp.ionos.fr webmail.ionos.fr mail.infomaniak.com "
     "imap.orange.fr smtp.orange.fr webmail.orange.fr messagerie.orange.fr "
     "imap.free.fr zimbra.free.fr webmail.laposte.net imap.laposte.net "
     "smtp.laposte.net smtp.sfr.fr mail.sfr.fr imap.bbox.fr mail.zoho.eu "
     "imap.zoho.com mail.proton.me imap.mail.yahoo.com mail.gandi.net "
     "webmail.gandi.net mx1.mailchannels.net imap.1and1.fr mailo.com mail.mailo.com "
     "webmail.example.fr owa.example.fr autodiscover.example.fr mail.ovh.net "
     "webmail.mail.ovh.net mx0.mail.ovh.net smtp.mailjet.com in-v3.mailjet.com "
     "smtp-relay.brevo.com smtp.sendgrid.net mail.me.com messagerie.gouv.fr "
     "courriel.education.fr melanie2web.din.developpement-durable.gouv.fr "
     "mailinblack.com "},
    {RNET_USAGE_WEB,
     "www.impots.gouv.fr cfspro.impots.gouv.fr cfspart.impots.gouv.fr www.urssaf.fr "
     "www.autoentrepreneur.urssaf.fr cesu.urssaf.fr www.net-entreprises.fr "
     "chorus-pro.gouv.fr portail.chorus-pro.gouv.fr www.ameli.fr espacepro.ameli.fr "
     "www.service-public.fr entreprendre.service-public.fr www.caf.fr www.msa.fr "
     "procedures.inpi.fr www.infogreffe.fr fc-auth.franceconnect.gouv.fr "
     "app.franceconnect.gouv.fr www.legifrance.gouv.fr www.marches-publics.gouv.fr "
     "www.boamp.fr www.francetravail.fr www.telepac.agriculture.gouv.fr "
     "ants.gouv.fr www.demarches-simplifiees.fr demarche.numerique.gouv.fr "
     "www.moncompteformation.gouv.fr www.agirc-arrco.fr www.lassuranceretraite.fr "
     "www.sylae.asp-public.fr prodouane.douane.gouv.fr e-barreau.fr "
     "www.credit-agricole.fr mabanque.bnpparibas particuliers.sg.fr "
     "professionnels.sg.fr www.labanquepostale.fr www.creditmutuel.fr www.cic.fr "
     "www.caisse-epargne.fr www.banquepopulaire.fr particuliers.lcl.fr "
     "clients.boursobank.com mabanque.fortuneo.fr www.hsbc.fr www.ccf.fr "
     "www.banque-rhone-alpes.fr www.credit-cooperatif.coop www.bred.fr "
     "www.palatine.fr www.monabanq.com www.hellobank.fr app.qonto.com www.shine.fr "
     "www.nickel.eu mon-espace.axa.fr www.maaf.fr www.groupama.fr www.gan.fr "
     "www.office.com portal.office.com login.microsoftonline.com login.live.com "
     "graph.microsoft.com docs.google.com accounts.google.com www.google.fr "
     "calendar.google.com excel.officeapps.live.com word-edit.officeapps.live.com "
     "www.lemonde.fr www.lefigaro.fr fr.wikipedia.org www.leboncoin.fr "
     "www.amazon.fr www.cdiscount.com www.sncf-connect.com www.pagesjaunes.fr "
     "www.meteofrance.com chatgpt.com claude.ai chat.mistral.ai gemini.google.com "
     "copilot.microsoft.com www.laposte.fr www.orange.fr www.sfr.fr www.free.fr "
     "www.bouyguestelecom.fr www.doubleclick.net github.com www.linternaute.com "
     "www.booking.com www.manomano.fr "},
    {RNET_USAGE_BUSINESS_APP,
     "eu5.salesforce.com mycompany.my.salesforce.com na1.force.com "
     "s4hana.ondemand.com launchpad.support.sap.com my300000.s4hana.cloud.sap "
     "accounts.sap.com cloud.sap sage.com www.sageone.com online.sage.fr cegid.com "
     "www.cegid.fr expertise.cegid.com loop.cegid.com ebp.com "
     "api-developpeurs.ebp.com odoo.com mycompany.odoo.com accounts.odoo.com "
     "crm4.dynamics.com businesscentral.dynamics.com netsuite.com "
     "system.eu2.netsuite.com app.powerbi.com pennylane.com app.pennylane.com "
     "erp.example.fr silae.fr my.silae.fr payfit.com quickbooks.intuit.com "
     "app.hubspot.com acme.zendesk.com acme.atlassian.net app.asana.com trello.com "
     "monday.com acme.service-now.com wd3.myworkday.com crm.zoho.eu books.zoho.eu "
     "doctolib.fr pro.doctolib.fr yousign.app docusign.net universign.com isagri.fr "
     "smag.tech batigest.fr app.sellsy.com axonaut.com app.tiime.fr evoliz.com "
     "ldap.example.fr myserver.database.windows.net mydb.rds.amazonaws.com "
     "cluster0.mongodb.net divalto.com proginov.com sylob.com incwo.com wavesoft.fr "
     "yooz.com jefacture.com docaposte.com everwin.fr lucca.fr figgo.ilucca.net "
     "app.eurecia.com skello.io combohr.com kelio.com apicrypt.org mssante.fr "},
    {RNET_USAGE_CLOUD_SYNC,
     "www.dropbox.com client.dropbox.com block.dropbox.com dl-debug.dropbox.com "
     "content.dropboxapi.com onedrive.live.com api.onedrive.com skyapi.live.net "
     "storage.live.com my.microsoftpersonalcontent.com oneclient.sfx.ms "
     "acme-my.sharepoint.com acme.sharepoint.com drive.google.com "
     "drive.usercontent.google.com upload.box.com api.box.com dl.boxcloud.com "
     "p45-content.icloud.com p12-ckdatabase.icloud.com p101-docws.icloud.com "
     "kdrive.infomaniak.com 123456.connect.kdrive.infomaniak.com api.pcloud.com "
     "g.api.mega.co.nz gfs270n123.userstorage.mega.co.nz nextcloud.example.fr "
     "cloud.example.fr owncloud.example.fr oodrive.com leviia.com syncthing.net "
     "relays.syncthing.net relay-de.synology.com global.quickconnect.to hubic.com "
     "tresorit.com drive.proton.me hidrive.com koofr.net cozy.mycozy.cloud "
     "digiposte.fr drive.infomaniak.com cloud.orange.fr citrixdata.com "
     "photos.google.com "},
    {RNET_USAGE_BACKUP, "f001.backblazeb2.com api.backblazeb2.com ca000.backblaze.com "
                        "pod-000-1000-00.backblaze.com cloud.acronis.com eu2-cloud.acronis.com "
                        "baas-fes-eu4.acronis.com backup.example.fr sauvegarde.example.fr "
                        "device.dattobackup.com evdc01.datto.com carbonite.com "
                        "s3.eu-central-1.wasabisys.com idrive.com crashplan.com "
                        "swissbackup03.infomaniak.com cloud.backup.management msp360.com "
                        "repo.borgbase.com hyperbackup.synologyc2.com c2-eu.synology.com "
                        "restic.example.org prod-eu.backup.windowsazure.com druva.com keepit.com "
                        "n-able.com backupnet.ovh.net ftpback-rbx3-100.ovh.net "
                        "mybackup.oodrive-save.com spanning.com "},
    {RNET_USAGE_SOFTWARE_UPDATE,
     "download.windowsupdate.com au.download.windowsupdate.com "
     "fe3.delivery.mp.microsoft.com slscr.update.microsoft.com "
     "tlu.dl.delivery.mp.microsoft.com 7.tlu.dl.delivery.mp.microsoft.com "
     "geo.prod.do.dsp.mp.microsoft.com officecdn.microsoft.com swcdn.apple.com "
     "updates.cdn-apple.com swscan.apple.com mesu.apple.com gdmf.apple.com "
     "deb.debian.org security.debian.org ftp.fr.debian.org archive.ubuntu.com "
     "fr.archive.ubuntu.com security.ubuntu.com packages.microsoft.com "
     "dl.google.com edgedl.me.gvt1.com update.googleapis.com ardownload3.adobe.com "
     "armmf.adobe.com ccmdls.adobe.com agsupdate.adobe.com update.eset.com "
     "dnl-10.geo.kaspersky.com upgrade.bitdefender.com definitions.symantec.com "
     "liveupdate.symantecliveupdate.com d2.sophosupd.com su.ff.avast.com "
     "update.avira.com download.mcafee.com wsus.example.fr aus5.mozilla.org "
     "download-installer.cdn.mozilla.net registry.npmjs.org files.pythonhosted.org "
     "dl-cdn.alpinelinux.org mirrors.ircam.fr ubuntu.mirrors.ovh.net "
     "download.docker.com update.withsecure.com wd.microsoft.com "
     "definitionupdates.microsoft.com fwupdate.ricoh.com cdn.redhat.com "
     "updates.jenkins.io dl.dell.com download.lenovo.com ftp.hp.com "},
    {RNET_USAGE_VIDEO_STREAMING,
     "r3---sn-25ge7nzs.googlevideo.com www.youtube.com i.ytimg.com "
     "ipv4-c001-par001-ix.1.oca.nflxvideo.net www.netflix.com "
     "video-edge-a1b2.par02.abs.hls.ttvnw.net usher.ttvnw.net www.twitch.tv "
     "www.canalplus.com hls-live.canalplus-cdn.net www.france.tv k7.ftven.fr "
     "hls-vod.ftven.fr cloudreplay.ftven.fr www.arte.tv arteptweb-a.akamaihd.net "
     "www.tf1.fr das-q1-ssl.tf1.fr vod-das.cdn.tf1.fr www.molotov.tv www.m6.fr "
     "player.vimeo.com www.dailymotion.com proxy-001.dc3.dailymotion.com "
     "www.disneyplus.com vod-akc-eu.media.dssott.com atv-ps-eu.primevideo.com "
     "s3-iad-ww.cf.videorolls.row.aiv-cdn.net fun-mooc.fr www.udemy.com "
     "openclassrooms.com mooc.orange.com play.hbomax.com www.max.com "
     "paramountplus.com tv.apple.com live.bfmtv.com www.6play.fr rmcsport.bfmtv.com "
     "dazn.com play.oqee.tv peertube.example.org video.example.fr "
     "manifest-dp.hulustream.com "},
    {RNET_USAGE_AUDIO_STREAMING,
     "audio4-fa.scdn.co apresolve.spotify.com gew1-spclient.spotify.com "
     "ap-gew4.spotify.com cdnt-stream.dzcdn.net api.deezer.com "
     "e-cdn-proxy-a.deezer.com stream.radiofrance.fr icecast.radiofrance.fr "
     "www.radiofrance.fr aod.itunes.apple.com music.apple.com listen.tidal.com "
     "streaming-qobuz-std.akamaized.net www.qobuz.com cf-media.sndcdn.com "
     "icecast.rtl.fr cdn.nrjaudio.fm scdn.nrjaudio.fm stream.europe1.fr "
     "streaming.radio.rtl.fr tunein.com audible.fr music.youtube.com "
     "music.amazon.fr bandcamp.com radio.example.fr ice1.somafm.com "},
    {RNET_USAGE_REMOTE_DESKTOP,
     "router12.teamviewer.com master3.teamviewer.com relay-a1b2c3d4.net.anydesk.com "
     "boot.net.anydesk.com rs-ny.rustdesk.com rustdesk.com relay.splashtop.com "
     "st2-v3-dc.splashtop.eu kessel-api.parsecgaming.com builds.parsec.app "
     "rdweb.wvd.microsoft.com rdgateway-r1.wvd.microsoft.com acme.cloud.com "
     "global-s.g.nssvc.net rds.example.fr citrix.example.fr vdi.example.fr "
     "remotedesktop.google.com secure.logmein.com eu.gotoassist.com "
     "acme.screenconnect.com instance-a1-relay.screenconnect.com "
     "ws-broker-service.eu-west-1.amazonaws.com workspaces.eu-west-1.amazonaws.com "
     "nomachine.com realvnc.com hoptodesk.com shadow.tech acme.tsplus.net "
     "islonline.net dwservice.net supremocontrol.com "
     "chromoting-host.talkgadget.google.com iperius.net beyondtrustcloud.com "},
    {RNET_USAGE_VPN, "vpn.example.fr sslvpn.example.fr login.tailscale.com derp1e.tailscale.com "
                     "controlplane.tailscale.com my.zerotier.com gateway.zscaler.net "
                     "acme.gpcloudservice.com fr123.nordvpn.com engage.cloudflareclient.com "
                     "api.protonvpn.ch expressvpn.com mullvad.net netbird.io swg.umbrella.com "
                     "acme.netskope.com goskope.com globalprotect.example.fr fortigate.example.fr "
                     "anyconnect.example.fr openvpn.example.fr twingate.com acme.openvpn.com "
                     "mask.icloud.com "},
    {RNET_USAGE_TELEMETRY,
     "a1b2.iot.eu-west-1.amazonaws.com acme.azure-devices.net "
     "eu1.cloud.thethings.network broker.hivemq.com mqtt.example.fr "
     "backend.sigfox.com liveobjects.orange-business.com api.netatmo.com "
     "discovery.meethue.com eu-wap.tplinkcloud.com m1.tuyaeu.com api.sumup.com "
     "gateway.verifone.com terminal-api-live.adyen.com api.stripe.com "
     "eu.ingenico.com monitoring.solaredge.com enphaseenergy.com "
     "v10.events.data.microsoft.com settings-win.data.microsoft.com n123.meraki.com "
     "device.meraki.com zabbix.example.fr agrigps.deere.com api.sencrop.com "
     "webfleet.com nepting.com shelly.cloud logsink.devices.nest.com "
     "iot.example.net unifi.ui.com "},
    {RNET_USAGE_VIDEO_SURVEILLANCE,
     "litedev.hik-connect.com api.hik-connect.com dev.ezvizlife.com "
     "www.easy4ipcloud.com p2p.dahuap2p.com devapi.reolink.com arlo.com "
     "vzweb01-prod.vz.netgear.com es.ring.com fw.ring.com nvr.example.fr "
     "cam.example.fr yitechnology.com wyze.com mydlink.com verkada.com "
     "blinkforhome.com nexus.dropcam.com axis.com eagleeyenetworks.com "
     "provision.kiwatch.com imoulife.com eufylife.com v380.com "},
    {RNET_USAGE_SOCIAL,
     "www.facebook.com scontent.xx.fbcdn.net www.instagram.com "
     "scontent.cdninstagram.com www.linkedin.com static.licdn.com x.com twitter.com "
     "pbs.twimg.com www.tiktok.com v16-webapp.tiktokcdn.com www.pinterest.fr "
     "i.pinimg.com www.reddit.com www.snapchat.com mastodon.social bsky.app "
     "threads.net fr.viadeo.com api.vk.com nextdoor.fr bereal.com workplace.com "},
    {RNET_USAGE_LEISURE, "steamcommunity.com cdn.steampowered.com epicgames.com fortnite.com "
                         "riotgames.com playstation.net xboxlive.com minecraft.net roblox.com "
                         "nintendo.net blizzard.com ea.com ubisoft.com tracker.opentrackr.org "
                         "geforcenow.com xcloud.gssv-play-prod.xboxlive.com supercell.com "
                         "www.winamax.fr lichess.org candycrushsaga.com "},
    {RNET_USAGE_FILE_TRANSFER,
     "wetransfer.com www.swisstransfer.com dl.swisstransfer.com grosfichiers.com "
     "francetransfert.numerique.gouv.fr filesender.renater.fr ftp.example.fr "
     "sftp.example.fr 1fichier.com upload.youtube.com dl.free.fr transfert.free.fr "
     "objects.githubusercontent.com codeload.github.com cdimage.debian.org "
     "releases.ubuntu.com archive.org send.vis.ee "
     "melanissimo.developpement-durable.gouv.fr "},
    {RNET_USAGE_REMOTE_SHELL, "ssh.example.fr bastion.example.fr ssh.github.com shell.azure.com "},
    {RNET_USAGE_FILE_SHARING,
     "account.file.core.windows.net print.example.fr nas.example.fr smb.example.fr "
     "papercut.com "},
    {RNET_USAGE_NETWORK,
     "dns.google cloudflare-dns.com dns.quad9.net captive.apple.com "
     "detectportal.firefox.com www.msftconnecttest.com time.windows.com "
     "fr.pool.ntp.org doh.opendns.com connectivitycheck.gstatic.com dns.nextdns.io "},
};

START_TEST(services_of_today_are_known_by_name)
{
    struct rnet_names *names;
    unsigned wrong = 0;

    ck_assert_int_eq(rnet_names_new(RNET_SOURCE_ROOT "/lib/usage/data", &names, NULL), RNET_OK);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        for (const char *at = hosts[i].names; *at != '\0';) {
            const int length = (int)strcspn(at, " ");
            struct rnet_opinion opinion;
            char name[256];

            snprintf(name, sizeof name, "%.*s", length, at);
            at += length + (at[length] == ' ');
            rnet_names_judge(names, name, &opinion);
            if (opinion.usage == hosts[i].usage && opinion.confidence >= RNET_CARRIER_CONFIDENCE)
                continue;
            fprintf(stderr, "%s: %s %.2f, not %s\n", name, rnet_usage_info(opinion.usage)->id,
                    (double)opinion.confidence, rnet_usage_info(hosts[i].usage)->id);
            wrong++;
        }
    }
    rnet_names_free(names);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

static const struct {
    uint8_t protocol;
    uint16_t port;
    enum rnet_usage usage;
    const char *why;
} ports[] = {
    {RNET_IPPROTO_TCP, 25, RNET_USAGE_EMAIL, "SMTP"},
    {RNET_IPPROTO_TCP, 993, RNET_USAGE_EMAIL, "IMAPS"},
    {RNET_IPPROTO_TCP, 587, RNET_USAGE_EMAIL, "submission"},
    {RNET_IPPROTO_UDP, 5060, RNET_USAGE_VOIP, "SIP"},
    {RNET_IPPROTO_UDP, 4569, RNET_USAGE_VOIP, "IAX2"},
    {RNET_IPPROTO_TCP, 1720, RNET_USAGE_VOIP, "H.323"},
    {RNET_IPPROTO_UDP, 2427, RNET_USAGE_VOIP, "MGCP"},
    {RNET_IPPROTO_TCP, 2000, RNET_USAGE_VOIP, "SCCP"},
    {RNET_IPPROTO_UDP, 8801, RNET_USAGE_VIDEOCONFERENCE, "Zoom"},
    {RNET_IPPROTO_UDP, 19305, RNET_USAGE_VIDEOCONFERENCE, "Meet"},
    {RNET_IPPROTO_UDP, 3480, RNET_USAGE_VIDEOCONFERENCE, "Teams"},
    {RNET_IPPROTO_TCP, 3389, RNET_USAGE_REMOTE_DESKTOP, "RDP"},
    {RNET_IPPROTO_TCP, 1494, RNET_USAGE_REMOTE_DESKTOP, "ICA"},
    {RNET_IPPROTO_TCP, 2598, RNET_USAGE_REMOTE_DESKTOP, "CGP"},
    {RNET_IPPROTO_TCP, 5900, RNET_USAGE_REMOTE_DESKTOP, "VNC"},
    {RNET_IPPROTO_TCP, 5938, RNET_USAGE_REMOTE_DESKTOP, "TeamViewer"},
    {RNET_IPPROTO_TCP, 21116, RNET_USAGE_REMOTE_DESKTOP, "RustDesk"},
    {RNET_IPPROTO_TCP, 6783, RNET_USAGE_REMOTE_DESKTOP, "Splashtop"},
    {RNET_IPPROTO_TCP, 22, RNET_USAGE_REMOTE_SHELL, "SSH"},
    {RNET_IPPROTO_TCP, 23, RNET_USAGE_REMOTE_SHELL, "Telnet"},
    {RNET_IPPROTO_UDP, 1194, RNET_USAGE_VPN, "OpenVPN"},
    {RNET_IPPROTO_UDP, 51820, RNET_USAGE_VPN, "WireGuard"},
    {RNET_IPPROTO_UDP, 4500, RNET_USAGE_VPN, "IPsec"},
    {RNET_IPPROTO_UDP, 41641, RNET_USAGE_VPN, "Tailscale"},
    {RNET_IPPROTO_UDP, 9993, RNET_USAGE_VPN, "ZeroTier"},
    {RNET_IPPROTO_UDP, 1701, RNET_USAGE_VPN, "L2TP"},
    {RNET_IPPROTO_TCP, 1723, RNET_USAGE_VPN, "PPTP"},
    {RNET_IPPROTO_UDP, 4501, RNET_USAGE_VPN, "GlobalProtect"},
    {RNET_IPPROTO_TCP, 445, RNET_USAGE_FILE_SHARING, "SMB"},
    {RNET_IPPROTO_TCP, 2049, RNET_USAGE_FILE_SHARING, "NFS"},
    {RNET_IPPROTO_TCP, 548, RNET_USAGE_FILE_SHARING, "AFP"},
    {RNET_IPPROTO_TCP, 631, RNET_USAGE_FILE_SHARING, "IPP"},
    {RNET_IPPROTO_TCP, 515, RNET_USAGE_FILE_SHARING, "LPD"},
    {RNET_IPPROTO_TCP, 9100, RNET_USAGE_FILE_SHARING, "JetDirect"},
    {RNET_IPPROTO_TCP, 1521, RNET_USAGE_BUSINESS_APP, "Oracle"},
    {RNET_IPPROTO_TCP, 1433, RNET_USAGE_BUSINESS_APP, "MSSQL"},
    {RNET_IPPROTO_TCP, 3306, RNET_USAGE_BUSINESS_APP, "MySQL"},
    {RNET_IPPROTO_TCP, 5432, RNET_USAGE_BUSINESS_APP, "PostgreSQL"},
    {RNET_IPPROTO_TCP, 27017, RNET_USAGE_BUSINESS_APP, "MongoDB"},
    {RNET_IPPROTO_TCP, 6379, RNET_USAGE_BUSINESS_APP, "Redis"},
    {RNET_IPPROTO_TCP, 389, RNET_USAGE_BUSINESS_APP, "LDAP"},
    {RNET_IPPROTO_UDP, 88, RNET_USAGE_BUSINESS_APP, "Kerberos"},
    {RNET_IPPROTO_TCP, 3200, RNET_USAGE_BUSINESS_APP, "SAP"},
    {RNET_IPPROTO_TCP, 8069, RNET_USAGE_BUSINESS_APP, "Odoo"},
    {RNET_IPPROTO_UDP, 1812, RNET_USAGE_NETWORK, "RADIUS"},
    {RNET_IPPROTO_UDP, 3702, RNET_USAGE_NETWORK, "WS-Discovery"},
    {RNET_IPPROTO_TCP, 1883, RNET_USAGE_TELEMETRY, "MQTT"},
    {RNET_IPPROTO_UDP, 5683, RNET_USAGE_TELEMETRY, "CoAP"},
    {RNET_IPPROTO_TCP, 502, RNET_USAGE_TELEMETRY, "Modbus"},
    {RNET_IPPROTO_TCP, 102, RNET_USAGE_TELEMETRY, "S7"},
    {RNET_IPPROTO_TCP, 20000, RNET_USAGE_TELEMETRY, "DNP3"},
    {RNET_IPPROTO_TCP, 2404, RNET_USAGE_TELEMETRY, "IEC-104"},
    {RNET_IPPROTO_UDP, 47808, RNET_USAGE_TELEMETRY, "BACnet"},
    {RNET_IPPROTO_TCP, 4840, RNET_USAGE_TELEMETRY, "OPC-UA"},
    {RNET_IPPROTO_UDP, 161, RNET_USAGE_TELEMETRY, "SNMP"},
    {RNET_IPPROTO_UDP, 514, RNET_USAGE_TELEMETRY, "syslog"},
    {RNET_IPPROTO_UDP, 1700, RNET_USAGE_TELEMETRY, "LoRaWAN"},
    {RNET_IPPROTO_TCP, 37777, RNET_USAGE_VIDEO_SURVEILLANCE, "Dahua"},
    {RNET_IPPROTO_TCP, 34567, RNET_USAGE_VIDEO_SURVEILLANCE, "XMeye"},
    {RNET_IPPROTO_TCP, 554, RNET_USAGE_VIDEO_STREAMING, "RTSP"},
    {RNET_IPPROTO_TCP, 1935, RNET_USAGE_VIDEO_STREAMING, "RTMP"},
    {RNET_IPPROTO_TCP, 6690, RNET_USAGE_CLOUD_SYNC, "SynologyDrive"},
    {RNET_IPPROTO_TCP, 22000, RNET_USAGE_CLOUD_SYNC, "Syncthing"},
    {RNET_IPPROTO_TCP, 6160, RNET_USAGE_BACKUP, "Veeam"},
    {RNET_IPPROTO_TCP, 873, RNET_USAGE_BACKUP, "rsync"},
    {RNET_IPPROTO_TCP, 8530, RNET_USAGE_SOFTWARE_UPDATE, "WSUS"},
    {RNET_IPPROTO_TCP, 7680, RNET_USAGE_SOFTWARE_UPDATE, "delivery-optimisation"},
    {RNET_IPPROTO_TCP, 21, RNET_USAGE_FILE_TRANSFER, "FTP"},
    {RNET_IPPROTO_UDP, 6881, RNET_USAGE_LEISURE, "BitTorrent"},
    {RNET_IPPROTO_UDP, 27015, RNET_USAGE_LEISURE, "Steam"},
    {RNET_IPPROTO_TCP, 5222, RNET_USAGE_MESSAGING, "XMPP"},
    {RNET_IPPROTO_TCP, 6667, RNET_USAGE_MESSAGING, "IRC"},
};

static enum rnet_usage
label_of(struct rnet_classifier *classifier, struct rnet_flow *flow)
{
    struct rnet_label label;

    rnet_classifier_decide(classifier, flow, &label);
    return label.usage;
}

static struct rnet_classifier *
open_classifier(void)
{
    const struct rnet_classifier_options options = {.no_dpi = true};
    struct rnet_classifier *classifier = NULL;

    ck_assert_int_eq(rnet_classifier_new(&options, &classifier, NULL), RNET_OK);
    return classifier;
}

START_TEST(services_of_today_are_known_by_port)
{
    struct rnet_classifier *classifier = open_classifier();

    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        struct rnet_flow flow = made_flow(ports[i].protocol, 50000, ports[i].port);
        const enum rnet_usage found = label_of(classifier, &flow);

        ck_assert_msg(found == ports[i].usage, "%s: %s", ports[i].why, rnet_usage_info(found)->id);
    }
    rnet_classifier_free(classifier);
}
END_TEST

/* First messages, in hex; `rest` zeros follow. */
static const struct {
    uint8_t protocol;
    const char *hex;
    uint16_t rest;
    enum rnet_usage usage;
    const char *why;
} openings[] = {
    {RNET_IPPROTO_TCP, "0000000804d2162f", 0, RNET_USAGE_BUSINESS_APP, "PostgreSQL asks for TLS"},
    {RNET_IPPROTO_TCP, "0000002a00030000757365720061", 24, RNET_USAGE_BUSINESS_APP,
     "PostgreSQL startup"},
    {RNET_IPPROTO_TCP, "4a0000000a352e352e352d31302e362e3132", 40, RNET_USAGE_BUSINESS_APP,
     "MariaDB greets"},
    {RNET_IPPROTO_TCP, "4a0000000a382e302e33332d30", 40, RNET_USAGE_BUSINESS_APP, "MySQL 8 greets"},
    {RNET_IPPROTO_TCP, "1201002f00000100", 30, RNET_USAGE_BUSINESS_APP, "TDS prelogin"},
    {RNET_IPPROTO_TCP, "00c5000001000000013a012c", 60, RNET_USAGE_BUSINESS_APP, "TNS connect"},
    {RNET_IPPROTO_TCP, "3f0000000100000000000000dd07000000000000", 20, RNET_USAGE_BUSINESS_APP,
     "MongoDB OP_MSG"},
    {RNET_IPPROTO_TCP, "2a310d0a24340d0a50494e470d0a", 0, RNET_USAGE_BUSINESS_APP, "Redis PING"},
    {RNET_IPPROTO_TCP, "300c020101600702010304008000", 0, RNET_USAGE_BUSINESS_APP, "LDAP bind"},
    {RNET_IPPROTO_TCP, "30840000001002010160840000000702010304008000", 0, RNET_USAGE_BUSINESS_APP,
     "Active Directory's long-form bind"},
    {RNET_IPPROTO_TCP, "004cd04100010046104100", 20, RNET_USAGE_BUSINESS_APP, "DRDA EXCSAT"},
    {RNET_IPPROTO_TCP, "000000010000001300000002", 20, RNET_USAGE_BUSINESS_APP,
     "Firebird op_connect"},
    {RNET_IPPROTO_TCP, "0b4d53487c5e7e5c26", 20, RNET_USAGE_BUSINESS_APP, "HL7 over MLLP"},
    {RNET_IPPROTO_TCP, "383d4649582e342e34013d", 20, RNET_USAGE_BUSINESS_APP, "FIX logon"},
    {RNET_IPPROTO_TCP, "414d515000000901", 0, RNET_USAGE_BUSINESS_APP, "AMQP 0-9-1"},
    {RNET_IPPROTO_TCP, "101a00044d5154540402003c000e", 14, RNET_USAGE_TELEMETRY,
     "MQTT 3.1.1 connect"},
    {RNET_IPPROTO_TCP, "101c00064d51497364700302003c", 14, RNET_USAGE_TELEMETRY,
     "MQTT 3.1 connect"},
    {RNET_IPPROTO_TCP, "680407000000", 0, RNET_USAGE_TELEMETRY, "IEC-104 start of data transfer"},
    {RNET_IPPROTO_TCP, "056405c403000100", 2, RNET_USAGE_TELEMETRY, "DNP3 link status"},
    {RNET_IPPROTO_TCP, "0300001902f08032010000", 14, RNET_USAGE_TELEMETRY, "S7 job"},
    {RNET_IPPROTO_TCP, "650004000000000000000000", 16, RNET_USAGE_TELEMETRY,
     "EtherNet/IP registers a session"},
    {RNET_IPPROTO_TCP, "48454c463800000000000000", 40, RNET_USAGE_TELEMETRY, "OPC UA hello"},
    {RNET_IPPROTO_TCP, "46494e530000000c00000000", 8, RNET_USAGE_TELEMETRY, "FINS over TCP"},
    {RNET_IPPROTO_TCP, "500000ffff03000c00", 12, RNET_USAGE_TELEMETRY, "MELSEC 3E read"},
    {RNET_IPPROTO_TCP, "666f782061203120", 20, RNET_USAGE_TELEMETRY, "Niagara Fox hello"},
    {RNET_IPPROTO_TCP, "003c3038303082200000", 50, RNET_USAGE_TELEMETRY,
     "ISO 8583 network message"},
    {RNET_IPPROTO_TCP, "004060000100000200", 55, RNET_USAGE_TELEMETRY,
     "ISO 8583 payment with TPDU"},
    {RNET_IPPROTO_TCP, "5a425844010d000000", 12, RNET_USAGE_TELEMETRY, "Zabbix agent"},
    {RNET_IPPROTO_UDP, "302602010104067075626c6963a019", 25, RNET_USAGE_TELEMETRY, "SNMP v2c get"},
    {RNET_IPPROTO_UDP, "303e020103301102", 50, RNET_USAGE_TELEMETRY, "SNMP v3"},
    {RNET_IPPROTO_UDP, "3c33343e312032303236", 30, RNET_USAGE_TELEMETRY, "syslog"},
    {RNET_IPPROTO_UDP, "810a001101040005", 9, RNET_USAGE_TELEMETRY, "BACnet read"},
    {RNET_IPPROTO_UDP, "06100201000e0801", 6, RNET_USAGE_TELEMETRY, "KNXnet/IP search"},
    {RNET_IPPROTO_UDP, "02a1b200aa555a00000001017b227278706b", 80, RNET_USAGE_TELEMETRY,
     "LoRaWAN gateway data"},
    {RNET_IPPROTO_UDP, "52545053020101", 30, RNET_USAGE_TELEMETRY, "RTPS"},
    {RNET_IPPROTO_TCP, "030000130ee000000000000100080003000000", 0, RNET_USAGE_REMOTE_DESKTOP,
     "RDP negotiation"},
    {RNET_IPPROTO_TCP, "524642203030332e3030380a", 0, RNET_USAGE_REMOTE_DESKTOP, "VNC"},
    {RNET_IPPROTO_TCP, "7f7f494341007f7f49434100", 0, RNET_USAGE_REMOTE_DESKTOP, "ICA"},
    {RNET_IPPROTO_TCP, "52454451", 20, RNET_USAGE_REMOTE_DESKTOP, "SPICE"},
    {RNET_IPPROTO_TCP, "6c000b0000000000", 8, RNET_USAGE_REMOTE_DESKTOP, "X11"},
    {RNET_IPPROTO_TCP, "01000000010000000808", 0, RNET_USAGE_REMOTE_DESKTOP, "Radmin"},
    {RNET_IPPROTO_TCP, "5353482d322e302d4f70656e5353485f39", 10, RNET_USAGE_REMOTE_SHELL,
     "SSH banner"},
    {RNET_IPPROTO_TCP, "fffd18fffd20fffd23fffd27", 0, RNET_USAGE_REMOTE_SHELL, "Telnet options"},
    {RNET_IPPROTO_UDP, "0100000012345678", 140, RNET_USAGE_VPN, "WireGuard initiation"},
    {RNET_IPPROTO_UDP, "5453f09f92ac", 60, RNET_USAGE_VPN, "Tailscale disco"},
    {RNET_IPPROTO_UDP, "38a1a2a3a4a5a6a7a80000000000", 0, RNET_USAGE_VPN, "OpenVPN reset"},
    {RNET_IPPROTO_UDP, "a1a2a3a4a5a6a7a8000000000000000021202208", 200, RNET_USAGE_VPN,
     "IKEv2 SA_INIT"},
    {RNET_IPPROTO_UDP, "a1a2a3a4a5a6a7a8000000000000000001100200", 200, RNET_USAGE_VPN,
     "IKEv1 main mode"},
    {RNET_IPPROTO_UDP, "00000000a1a2a3a4a5a6a7a8000000000000000021202208", 200, RNET_USAGE_VPN,
     "IKEv2 on 4500"},
    {RNET_IPPROTO_UDP, "c802006a00000000", 90, RNET_USAGE_VPN, "L2TP control"},
    {RNET_IPPROTO_TCP, "009c00011a2b3c4d00010000", 144, RNET_USAGE_VPN, "PPTP start"},
    {RNET_IPPROTO_TCP, "535354505f4455504c45585f504f5354202f", 60, RNET_USAGE_VPN, "SSTP"},
    {RNET_IPPROTO_TCP, "434f4e4e454354202f4353434f53534c432f74756e6e656c", 40, RNET_USAGE_VPN,
     "AnyConnect tunnel"},
    {RNET_IPPROTO_TCP, "000000a4fe534d4240000100", 150, RNET_USAGE_FILE_SHARING, "SMB2 negotiate"},
    {RNET_IPPROTO_TCP, "80000028123456780000000000000002000186a300000003", 40,
     RNET_USAGE_FILE_SHARING, "NFSv3 over TCP"},
    {RNET_IPPROTO_UDP, "123456780000000000000002000186a300000002", 40, RNET_USAGE_FILE_SHARING,
     "NFSv2 over UDP"},
    {RNET_IPPROTO_TCP, "00040001000000000000000600000000", 6, RNET_USAGE_FILE_SHARING,
     "AFP session"},
    {RNET_IPPROTO_TCP, "4e42444d41474943", 20, RNET_USAGE_FILE_SHARING, "NBD"},
    {RNET_IPPROTO_UDP, "494e56495445207369703a6140622e6672", 60, RNET_USAGE_VOIP, "SIP invite"},
    {RNET_IPPROTO_TCP, "42594520736970733a6140622e6672", 60, RNET_USAGE_VOIP, "SIP over TCP"},
    {RNET_IPPROTO_UDP, "435243582031323334206161", 60, RNET_USAGE_VOIP, "MGCP create"},
    {RNET_IPPROTO_UDP, "212f31205b3139322e302e322e315d", 40, RNET_USAGE_VOIP, "Megaco"},
    {RNET_IPPROTO_TCP, "030000a608020001", 150, RNET_USAGE_VOIP, "Q.931 set-up of H.323"},
    {RNET_IPPROTO_TCP, "040000000000000000000000", 0, RNET_USAGE_VOIP, "SCCP keep-alive"},
    {RNET_IPPROTO_TCP, "03000000018000070200", 1000, RNET_USAGE_VIDEO_STREAMING, "RTMP"},
    {RNET_IPPROTO_UDP, "80000000000000000000001000000000000000040000", 40,
     RNET_USAGE_VIDEO_STREAMING, "SRT"},
    {RNET_IPPROTO_UDP, "4740001a", 1312, RNET_USAGE_VIDEO_STREAMING, "MPEG-TS in datagrams"},
    {RNET_IPPROTO_TCP, "49435920323030204f4b0d0a", 60, RNET_USAGE_AUDIO_STREAMING, "Shoutcast"},
    {RNET_IPPROTO_TCP, "504f5354202f6f6e7669662f6465766963655f7365727669636520", 100,
     RNET_USAGE_VIDEO_SURVEILLANCE, "ONVIF"},
    {RNET_IPPROTO_TCP, "474554202f49534150492f", 60, RNET_USAGE_VIDEO_SURVEILLANCE, "Hikvision"},
    {RNET_IPPROTO_UDP, "f1300000", 0, RNET_USAGE_VIDEO_SURVEILLANCE, "P2P camera"},
    {RNET_IPPROTO_TCP, "45484c4f20612e6672", 4, RNET_USAGE_EMAIL, "SMTP"},
    {RNET_IPPROTO_TCP, "2a204f4b205b4341504142", 30, RNET_USAGE_EMAIL, "IMAP greeting"},
    {RNET_IPPROTO_TCP, "405253594e43443a2033312e30", 2, RNET_USAGE_BACKUP, "rsync daemon"},
    {RNET_IPPROTO_UDP, "2ea7d90b", 100, RNET_USAGE_CLOUD_SYNC, "Syncthing discovery"},
    {RNET_IPPROTO_TCP, "434150204c53203330320d0a", 0, RNET_USAGE_MESSAGING, "IRC capabilities"},
    {RNET_IPPROTO_TCP, "3c3f786d6c2076657273696f6e3d27312e30273f3e3c73747265616d", 60,
     RNET_USAGE_MESSAGING, "XMPP"},
    {RNET_IPPROTO_TCP, "13426974546f7272656e742070726f746f636f6c", 48, RNET_USAGE_LEISURE,
     "BitTorrent handshake"},
    {RNET_IPPROTO_UDP, "ffffffff54536f7572636520456e67696e65", 8, RNET_USAGE_LEISURE,
     "Source query"},
    {RNET_IPPROTO_TCP, "f9beb4d976657273696f6e", 90, RNET_USAGE_LEISURE, "Bitcoin"},
    {RNET_IPPROTO_UDP, "4d2d534541524348202a20485454502f312e31", 60, RNET_USAGE_NETWORK, "SSDP"},
    {RNET_IPPROTO_TCP, "ffffffffffffffffffffffffffffffff001d01", 10, RNET_USAGE_NETWORK,
     "BGP open"},
};

static uint16_t
bytes_of(const char *hex, uint8_t *bytes)
{
    uint16_t count = 0;

    for (unsigned byte; sscanf(hex, "%2x", &byte) == 1; hex += 2)
        bytes[count++] = (uint8_t)byte;
    return count;
}

START_TEST(protocols_of_today_are_known_by_their_first_bytes)
{
    struct rnet_classifier *classifier = open_classifier();

    for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++) {
        struct rnet_flow flow = made_flow(openings[i].protocol, 50000, NOWHERE);
        struct made_packet packet;
        uint8_t payload[1400] = {0};
        const uint16_t bytes = bytes_of(openings[i].hex, payload);
        enum rnet_usage found;

        ck_assert_int_eq(rnet_classifier_feed(classifier, &flow,
                                              made_packet(&packet, &flow, RNET_UP, (int64_t)i,
                                                          RNET_TCP_ACK | RNET_TCP_PSH, payload,
                                                          bytes + openings[i].rest)),
                         RNET_OK);
        found = label_of(classifier, &flow);
        ck_assert_msg(found == openings[i].usage, "%s: %s", openings[i].why,
                      rnet_usage_info(found)->id);
    }
    rnet_classifier_free(classifier);
}
END_TEST

/* Encrypted or drawn at random, bytes may not be taken for a protocol: a label that rests on fixed
 * bytes is one in thousands. */
START_TEST(random_bytes_are_hardly_ever_a_protocol)
{
    struct rnet_classifier *classifier = open_classifier();
    struct rnet_random random = rnet_random_stream(11, 7);
    unsigned named = 0;

    for (int i = 0; i < 20000; i++) {
        struct rnet_flow flow =
            made_flow(i % 2 ? RNET_IPPROTO_TCP : RNET_IPPROTO_UDP, 50000, NOWHERE);
        struct made_packet packet;
        uint8_t payload[200];
        struct rnet_label label;

        for (size_t at = 0; at < sizeof payload; at++)
            payload[at] = (uint8_t)rnet_random_u64(&random);
        ck_assert_int_eq(rnet_classifier_feed(classifier, &flow,
                                              made_packet(&packet, &flow, RNET_UP, i, RNET_TCP_ACK,
                                                          payload, sizeof payload)),
                         RNET_OK);
        rnet_classifier_decide(classifier, &flow, &label);
        named += label.confidence > 0.7;
    }
    fprintf(stderr, "%u of 20000 random payloads named\n", named);
    ck_assert_uint_le(named, 20);
    rnet_classifier_free(classifier);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("usage-coverage");
    TCase *tcase = tcase_create("breadth");

    tcase_add_test(tcase, services_of_today_are_known_by_name);
    tcase_add_test(tcase, services_of_today_are_known_by_port);
    tcase_add_test(tcase, protocols_of_today_are_known_by_their_first_bytes);
    tcase_add_test(tcase, random_bytes_are_hardly_ever_a_protocol);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
