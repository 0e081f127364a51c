// A class that text can be printed to, and one whose objects can be printed.
class Counter : public Print {
 public:
  size_t letters = 0, spaces = 0;
  size_t write(uint8_t c) override {
    c == ' ' ? spaces++ : letters++;
    return 1;
  }
  using Print::write;
};

class Limited : public Print {
 public:
  String kept;
  size_t write(uint8_t c) override {
    if (kept.length() == 4) {
      setWriteError();
      return 0;
    }
    kept += (char)c;
    return 1;
  }
};

struct Point : public Printable {
  int x, y;
  Point(int x, int y) : x(x), y(y) {}
  size_t printTo(Print &p) const override {
    size_t n = p.print('(');
    n += p.print(x);
    n += p.print(", ");
    n += p.print(y);
    return n + p.print(')');
  }
};

void setup() {
  Serial.begin(115200);
  Counter counter;
  counter.print("two words ");
  counter.println(12.5);
  counter.print(Point(1, -2));
  Serial.println(String(counter.letters) + " " + counter.spaces);
  Serial.println(Point(3, 44));
  Serial.println(counter.print(Point(10, 20)));
  Limited limited;
  Serial.println(limited.print("abcdef"));
  Serial.println(limited.kept + limited.getWriteError());
  limited.clearWriteError();
  Serial.println(limited.getWriteError());
  Print *any = &Serial;
  any->println("by pointer");
}

void loop() {}
