import java.io.IOException;

/** A broker that ends when its standard input does: with the process that started it. */
public final class SupervisedBroker {
  public static void main(String[] args) {
    Thread watch = new Thread(() -> {
      try {
        while (System.in.read() >= 0) continue;
      } catch (IOException ended) {
        // The same as the end of it.
      }
      Runtime.getRuntime().halt(0);
    });
    watch.setDaemon(true);
    watch.start();
    kafka.Kafka.main(args);
  }
}
