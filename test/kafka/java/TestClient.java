import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Java's own clients, told what to do by lines of words on standard input: answers `ok ...` or `error ...` to each. */
public final class TestClient {
  private final String brokers;
  private final Map<String, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();

  private TestClient(String brokers) {
    this.brokers = brokers;
  }

  public static void main(String[] args) throws Exception {
    TestClient client = new TestClient(args[0]);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("ok ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      try {
        System.out.println("ok " + client.run(line.split(" ")));
      } catch (Exception error) {
        System.out.println("error " + String.valueOf(error).replace('\n', ' '));
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private String run(String[] words) throws Exception {
    switch (words[0]) {
      case "open": // open NAME CODEC TRANSACTIONAL BATCH_BYTES
        open(words[1], words[2], words[3].equals("true"), Integer.parseInt(words[4]));
        return "";
      case "send": // send NAME TOPIC PARTITION FIRST COUNT BYTES
        send(words);
        return "";
      case "begin":
        producers.get(words[1]).beginTransaction();
        return "";
      case "commit":
        producers.get(words[1]).commitTransaction();
        return "";
      case "abort":
        producers.get(words[1]).abortTransaction();
        return "";
      case "close":
        producers.remove(words[1]).close();
        return "";
      case "create": // create TOPIC
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
          admin.createTopics(List.of(new NewTopic(words[1], 1, (short) 1))).all().get();
        }
        return "";
      case "delete": // delete TOPIC PARTITION BEFORE
        delete(words[1], Integer.parseInt(words[2]), Long.parseLong(words[3]));
        return "";
      case "quota": // quota CLIENT_ID BYTES_PER_SECOND
        quota(words[1], Double.parseDouble(words[2]));
        return "";
      case "consume": // consume TOPIC ISOLATION
        return consume(words[1], words[2]);
      case "dump": // dump TOPIC PATH
        return dump(words[1], words[2]);
      case "file": // file NAME TOPIC PATH
        sendFile(words[1], words[2], words[3]);
        return "";
      case "measure": // measure TOPIC COUNT WORK
        return measure(words[1], Long.parseLong(words[2]), words[3].equals("decode"));
      default:
        throw new IllegalArgumentException(words[0]);
    }
  }

  private void open(String name, String codec, boolean transactional, int batchBytes) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", brokers);
    settings.put("compression.type", codec);
    settings.put("batch.size", batchBytes);
    settings.put("linger.ms", 5);
    settings.put("max.request.size", 8 << 20);
    if (transactional) settings.put("transactional.id", name);
    KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    if (transactional) producer.initTransactions();
    producers.put(name, producer);
  }

  private void send(String[] words) throws Exception {
    KafkaProducer<byte[], byte[]> producer = producers.get(words[1]);
    int partition = Integer.parseInt(words[3]);
    long first = Long.parseLong(words[4]);
    long count = Long.parseLong(words[5]);
    int bytes = Integer.parseInt(words[6]);
    for (long number = first; number < first + count; number++) {
      StringBuilder text = new StringBuilder("{\"number\":").append(number).append(",\"pad\":\"");
      while (text.length() < bytes - 2) text.append((char) ('a' + (number * 31 + text.length()) % 26));
      byte[] value = text.append("\"}").toString().getBytes(StandardCharsets.UTF_8);
      byte[] key = ("key-" + number % 10).getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(words[2], partition < 0 ? null : partition, number, key, value));
    }
    producer.flush();
  }

  /** How fast clients of that name may read. */
  private void quota(String client, double rate) throws Exception {
    ClientQuotaEntity entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, client));
    ClientQuotaAlteration.Op limit = new ClientQuotaAlteration.Op("consumer_byte_rate", rate);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(limit)))).all().get();
    }
  }

  private void delete(String topic, int partition, long before) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      admin.deleteRecords(Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(before))).all().get();
    }
  }

  /** Values from a file, each after its length in four bytes. */
  private void sendFile(String name, String topic, String path) throws Exception {
    KafkaProducer<byte[], byte[]> producer = producers.get(name);
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(path)))) {
      while (true) {
        byte[] value = new byte[in.readInt()];
        in.readFully(value);
        producer.send(new ProducerRecord<>(topic, 0, null, value));
      }
    } catch (EOFException end) {
      producer.flush();
    }
  }

  /** Reads so many records of partition 0: number, checksum, milliseconds, and milliseconds of CPU of the whole process. */
  private String measure(String topic, long count, boolean decodes) throws Exception {
    ObjectMapper json = new ObjectMapper();
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long started = System.nanoTime();
    long cpu = system.getProcessCpuTime();
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    Map<String, Object> settings = Map.of("bootstrap.servers", brokers, "fetch.max.bytes", 8 << 20, "max.partition.fetch.bytes", 4 << 20,
        "max.poll.records", 8192, "isolation.level", "read_committed");
    long seen = 0;
    long sum = 0;
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      List<TopicPartition> partitions = List.of(new TopicPartition(topic, 0));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (seen < count) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) {
          seen++;
          byte[] value = each.value();
          sum += decodes ? json.readTree(value).get("status").intValue() : value.length + value[12];
        }
      }
    }
    return seen + " " + sum + " " + (System.nanoTime() - started) / 1e6 + " " + (system.getProcessCpuTime() - cpu) / 1e6;
  }

  /** Number of records and, by partition, their CRC-32 over offset, timestamp, key and value. */
  private String consume(String topic, String isolation) {
    TreeMap<Integer, CRC32> sums = new TreeMap<>();
    long[] count = {0};
    List<TopicPartition> partitions = readAll(topic, isolation, each -> {
      count[0]++;
      CRC32 sum = sums.computeIfAbsent(each.partition(), key -> new CRC32());
      sum.update(ByteBuffer.allocate(16).putLong(each.offset()).putLong(each.timestamp()).flip());
      if (each.key() != null) sum.update(each.key());
      if (each.value() != null) sum.update(each.value());
    });
    for (TopicPartition each : partitions) sums.computeIfAbsent(each.partition(), key -> new CRC32());
    StringBuilder text = new StringBuilder().append(count[0]);
    sums.values().forEach(sum -> text.append(' ').append(sum.getValue()));
    return text.toString();
  }

  /** Key and value of every committed record as base64, or `-` for none, a line each, to a file. */
  private String dump(String topic, String path) throws Exception {
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(path)))) {
      long[] count = {0};
      readAll(topic, "read_committed", each -> {
        count[0]++;
        out.println(base64(each.key()) + " " + base64(each.value()));
      });
      return Long.toString(count[0]);
    }
  }

  private static String base64(byte[] bytes) {
    return bytes == null ? "-" : "=" + Base64.getEncoder().encodeToString(bytes);
  }

  private List<TopicPartition> readAll(String topic, String isolation, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> take) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", brokers);
    settings.put("isolation.level", isolation);
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer.partitionsFor(topic).forEach(each -> partitions.add(new TopicPartition(topic, each.partition())));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) take.accept(each);
      }
      return partitions;
    }
  }
}
